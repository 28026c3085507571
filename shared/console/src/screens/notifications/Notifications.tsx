import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { Page } from "../../kit/Page.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { Empty, ErrorState, Skeleton } from "../../kit/States.tsx";
import { useAction } from "../../kit/useAction.ts";
import { notifications as texts } from "../../messages/en/notifications.ts";
import { shell } from "../../messages/en/shell.ts";
import { NotificationList } from "./NotificationList.tsx";

const amount = 20;
// As many requests as a page may take that has no rows yet.
const most = 3;
const route = getRouteApi("/inside/notifications");

export function Notifications() {
  const show = route.useSearch().read === false ? "unread" : "all";
  const navigate = route.useNavigate();
  const query = useInfiniteQuery({
    queryKey: [...keys.notifications, "pages", show],
    queryFn: async ({ pageParam, signal }) => {
      let next = pageParam;
      for (let asked = 1; ; asked++) {
        const page = await api.page("/notification", {
          params: {
            query: { amount, ...(next && { nextToken: next }), ...(show === "unread" && { read: false }) },
          },
          signal,
        });
        // Many that are read may be newer than those that are not.
        if (page.rows.length > 0 || !page.next || asked === most) return page;
        next = page.next;
      }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  });
  const { act, pending } = useAction();
  const rows = query.data?.pages.flatMap(({ rows }) => rows);
  const unread = rows?.filter(({ read }) => !read).length ?? 0;
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      beside={unread > 0 && <Badge tone="accent">{texts.unreadOf(unread, query.hasNextPage)}</Badge>}
      actions={
        <Button
          isPending={pending}
          isDisabled={rows !== undefined && unread === 0 && !query.hasNextPage}
          onPress={() =>
            act(() => api.PUT("/notification/markallread"), { done: shell.markedRead, reread: [keys.notifications] })
          }
        >
          {shell.markAllRead}
        </Button>
      }
    >
      <Segments
        label={texts.show}
        value={show}
        onChange={(show) => void navigate({ search: show === "unread" ? { read: false } : {} })}
        choices={[
          { id: "all", name: texts.all },
          { id: "unread", name: texts.onlyUnread },
        ]}
      />
      {rows === undefined ? (
        query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton />
        )
      ) : rows.length === 0 && !query.hasNextPage ? (
        <Empty title={show === "unread" ? texts.allReadTitle : texts.emptyTitle}>{texts.empty}</Empty>
      ) : (
        <NotificationList rows={rows} />
      )}
      {query.hasNextPage && (
        <div>
          <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
            {texts.older}
          </Button>
        </div>
      )}
    </Page>
  );
}

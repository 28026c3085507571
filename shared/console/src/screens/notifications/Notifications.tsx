import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Page } from "../../kit/Page.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { Empty, ErrorState, Skeleton } from "../../kit/States.tsx";
import { useAction } from "../../kit/useAction.ts";
import { notifications as texts } from "../../messages/en/notifications.ts";
import { shell } from "../../messages/en/shell.ts";
import { NotificationList } from "./NotificationList.tsx";

const amount = 20;

export function Notifications() {
  const [show, setShow] = useState<"all" | "unread">("all");
  const query = useInfiniteQuery({
    queryKey: [...keys.notifications, "pages", show],
    queryFn: ({ pageParam, signal }) =>
      api.GET("/notification", {
        params: { query: { amount, page: pageParam, ...(show === "unread" && { read: false }) } },
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: (page, pages) => (page.length === amount ? pages.length + 1 : undefined),
  });
  const { act, pending } = useAction();
  const rows = query.data?.pages.flat();
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <Button
          isPending={pending}
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
        onChange={setShow}
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
      ) : rows.length === 0 ? (
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

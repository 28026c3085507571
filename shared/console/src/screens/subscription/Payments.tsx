import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Form } from "../../kit/Form.tsx";
import { Section } from "../../kit/Page.tsx";
import { Empty, Loaded } from "../../kit/States.tsx";
import { Table } from "../../kit/Table.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { Money, Time } from "../../kit/Values.tsx";
import { subscription as texts } from "../../messages/en/subscription.ts";
import { addressQuery, paymentsQuery } from "./queries.ts";
import styles from "./Subscription.module.css";

/** All charges of the account. */
export function Payments() {
  const query = useInfiniteQuery(paymentsQuery);
  return (
    <Section plain title={texts.payments} lead={texts.paymentsLead}>
      <Loaded query={query as unknown as Parameters<typeof Loaded<typeof query.data>>[0]["query"]}>
        {(data) => {
          const all = data?.pages.flatMap(({ rows }) => rows) ?? [];
          if (all.length === 0) return <Empty title={texts.noPaymentsTitle}>{texts.noPayments}</Empty>;
          return (
            <>
              <Table
                label={texts.payments}
                rows={all}
                rowKey={({ stripe_id }) => stripe_id}
                columns={[
                  { id: "what", name: texts.what, primary: true, cell: ({ description }) => description },
                  { id: "when", name: texts.when, cell: ({ created_at }) => <Time at={created_at} /> },
                  { id: "status", name: texts.status, cell: () => texts.recordedOnly },
                  { id: "amount", name: texts.amount, end: true, cell: ({ total }) => <Money cents={total} /> },
                ]}
              />
              {query.hasNextPage && (
                <div className={styles.more}>
                  <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
                    {texts.older}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

const fields = ["company", "street", "zip_code", "city", "state", "country", "comments"] as const;
type Field = (typeof fields)[number];
type Values = Record<Field, string>;

/** The billing address. */
export function Address() {
  const query = useQuery(addressQuery);
  return (
    <Section title={texts.address} lead={texts.addressLead}>
      <Loaded query={query}>
        {(address) => (
          <AddressForm initial={Object.fromEntries(fields.map((name) => [name, address[name] ?? ""])) as Values} />
        )}
      </Loaded>
    </Section>
  );
}

function AddressForm({ initial }: { initial: Values }) {
  const form = useForm<Values>({
    initial,
    save: (values) =>
      api.PUT("/account/billing", {
        body: Object.fromEntries(fields.map((name) => [name, values[name].trim() || null])),
      }),
    onSaved: async () => {
      await reread([...keys.account, "billing"]);
      toast(texts.saved);
    },
  });
  return (
    <Form form={form} narrow guard submit={texts.save}>
      <TextField label={texts.company} optional autoComplete="organization" {...form.field("company")} />
      <TextField label={texts.street} optional autoComplete="street-address" {...form.field("street")} />
      <TextField label={texts.zip} optional autoComplete="postal-code" {...form.field("zip_code")} />
      <TextField label={texts.city} optional autoComplete="address-level2" {...form.field("city")} />
      <TextField label={texts.state} optional autoComplete="address-level1" {...form.field("state")} />
      <TextField label={texts.country} optional autoComplete="country-name" {...form.field("country")} />
      <TextField label={texts.comments} optional lines={3} hint={texts.commentsHint} {...form.field("comments")} />
    </Form>
  );
}

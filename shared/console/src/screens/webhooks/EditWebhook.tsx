import { api } from "../../api/index.ts";
import { idOf, type Of } from "../../api/of.ts";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { webhooks as texts } from "../../messages/en/webhooks.ts";
import { EventChoice } from "./EventChoice.tsx";
import { type Pattern, selectsAll, type Webhook } from "./events.ts";
import { routeOf, webhookKey } from "./queries.ts";

type Props = {
  of: Of;
  /** The webhook that is edited; a new one without. */
  webhook?: Webhook | undefined;
  onClose: () => void;
  /** The secret of a new one. */
  onMade: (secret: string) => void;
};

/** Adds a webhook, or edits one. */
export function EditWebhook({ of, webhook, onClose, onMade }: Props) {
  const before = !webhook || selectsAll(webhook.events) ? [] : webhook.events;
  const form = useForm<{ url: string; description: string; which: "all" | "some"; events: Pattern[] }>({
    initial: {
      url: webhook?.url ?? "",
      description: webhook?.description ?? "",
      which: before.length > 0 ? "some" : "all",
      events: before,
    },
    save: async ({ url, description, which, events: chosen }) => {
      if (which === "some" && chosen.length === 0) throw new Error(texts.noneChosen);
      const body = { url, description, events: which === "all" ? [] : chosen };
      if (webhook) {
        await api.PUT(routeOf(of, "/{webhook}"), {
          params: { path: { id: idOf(of), webhook: webhook.id } },
          body,
        });
        toast(texts.saved);
      } else {
        const made = await api.POST(routeOf(of, ""), { params: { path: { id: idOf(of) } }, body });
        onMade(made.secret);
      }
      await reread(webhookKey(of));
    },
    onSaved: onClose,
  });
  const { which, events } = form.values;
  const title = webhook ? texts.editTitle : texts.addTitle;
  return (
    <Dialog open broad title={title} onClose={onClose} dirty={form.dirty}>
      <Form form={form} submit={webhook ? texts.save : texts.add} cancel={onClose}>
        <TextField
          label={texts.url}
          hint={texts.urlHint}
          isRequired
          autoFocus
          inputMode="url"
          autoComplete="off"
          spellCheck="false"
          {...form.field("url")}
        />
        <TextField label={texts.description} optional {...form.field("description")} />
        <RadioGroup
          label={texts.choice}
          choices={[
            { id: "all", ...texts.choices.all },
            { id: "some", ...texts.choices.some },
          ]}
          {...form.field("which")}
        />
        {which === "some" && (
          <EventChoice
            groups={of === "account" ? texts.accountGroups : texts.groups}
            before={before}
            chosen={events}
            onChange={(events) => form.set({ events })}
          />
        )}
      </Form>
    </Dialog>
  );
}

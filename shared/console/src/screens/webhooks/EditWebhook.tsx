import { api } from "../../api/index.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { webhooks as texts } from "../../messages/en/webhooks.ts";
import { choicesOf, type Group, type Pattern, type Webhook } from "./events.ts";
import { webhookKey } from "./queries.ts";
import styles from "./Webhooks.module.css";

type Props = {
  profile: string;
  /** The webhook that is edited; a new one without. */
  webhook?: Webhook | undefined;
  onClose: () => void;
  /** The secret of a new one. */
  onMade: (secret: string) => void;
};

const groups = Object.keys(texts.groups) as Group[];

/** Adds a webhook, or edits one. */
export function EditWebhook({ profile, webhook, onClose, onMade }: Props) {
  const before = webhook?.events.filter((one) => one !== "*") ?? [];
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
        await api.PUT("/profile/{id}/webhook/{webhook}", {
          params: { path: { id: profile, webhook: webhook.id } },
          body,
        });
        toast(texts.saved);
      } else {
        const made = await api.POST("/profile/{id}/webhook", { params: { path: { id: profile } }, body });
        onMade(made.secret);
      }
      await reread(webhookKey(profile));
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
          <div className={styles.groups}>
            {choicesOf(groups, before).map((one) => (
              <Checkbox
                key={one}
                isSelected={events.includes(one)}
                onChange={(on) => form.set({ events: on ? [...events, one] : events.filter((other) => other !== one) })}
                text={one in texts.groups ? texts.groups[one as keyof typeof texts.groups] : undefined}
              >
                <code>{one}</code>
              </Checkbox>
            ))}
          </div>
        )}
      </Form>
    </Dialog>
  );
}

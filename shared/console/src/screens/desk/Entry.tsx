import { api } from "../../api/index.ts";
import { Form } from "../../kit/Form.tsx";
import { Section } from "../../kit/Page.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { useForm } from "../../kit/useForm.ts";
import { desk as texts } from "../../messages/en/desk.ts";
import type { DeedProps } from "./Decision.tsx";

type Kind = keyof typeof texts.kinds;
const kinds = (Object.keys(texts.kinds) as Kind[]).map((id) => ({ id, ...texts.kinds[id] }));

/**
 * Adds a note or a question to the owner to the thread, or the answer of the
 * owner.
 */
export function Entry({ view, onDone }: DeedProps) {
  const form = useForm<{ kind: Kind; text: string }>({
    initial: { kind: "note", text: "" },
    save: async (body) => {
      const done = await api.POST("/desk/transfer/{ticket}/note", {
        params: { path: { ticket: view.ticket ?? "" } },
        body,
      });
      toast(texts.added);
      await onDone(done, false);
    },
    onSaved: ({ kind }) => form.clear({ kind, text: "" }),
  });
  return (
    <Section title={texts.entry}>
      <Form form={form} narrow guard submit={texts.add}>
        <RadioGroup label={texts.kind} choices={kinds} {...form.field("kind")} />
        <TextField label={texts.text} lines={3} isRequired maxLength={1000} {...form.field("text")} />
      </Form>
    </Section>
  );
}

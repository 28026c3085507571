import Pencil from "lucide-react/icons/pencil";
import type { Ref } from "react";
import { Button as Plain } from "react-aria-components/Button";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Form } from "../../kit/Form.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { common } from "../../messages/en/common.ts";
import { general as texts } from "../../messages/en/general.ts";
import styles from "./General.module.css";

/** The name of a profile as a button, which makes it a field. */
export function NameButton({ name, onPress, ref }: { name: string; onPress: () => void; ref: Ref<HTMLButtonElement> }) {
  return (
    <Plain ref={ref} className={styles.name} aria-label={texts.rename(name)} onPress={onPress}>
      {name}
      <Pencil size="1rem" aria-hidden />
    </Plain>
  );
}

/** The name of a profile as a field. Esc leaves it as it was. */
export function NameForm({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const save = (name: string) => api.PUT("/profile/{id}", { params: { path: { id } }, body: { name } });
  const again = () => reread(keys.profiles, keys.profile(id));
  const form = useForm({
    initial: { name },
    save: async (values) => {
      const wanted = values.name.trim();
      if (wanted === name) return;
      await save(wanted);
      await again();
      toast(texts.renamed(wanted), () => save(name).then(again));
    },
    onSaved: onClose,
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc anywhere in the form leaves it.
    <div className={styles.rename} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <Form
        form={form}
        submit={
          <Buttons>
            <Button type="submit" kind="primary" isPending={form.pending}>
              {common.save}
            </Button>
            <Button onPress={onClose}>{common.cancel}</Button>
          </Buttons>
        }
      >
        <TextField label={texts.name} isRequired maxLength={100} autoFocus {...form.field("name")} />
      </Form>
    </div>
  );
}

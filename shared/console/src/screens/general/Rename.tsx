import { Pencil } from "lucide-react";
import { useRef, useState } from "react";
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

/** The name of a profile. A click or Enter makes it a field; Esc makes it a name again. */
export function Rename({ id, name }: { id: string; name: string }) {
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  function close() {
    setEditing(false);
    setTimeout(() => button.current?.focus());
  }
  if (editing) return <NameForm id={id} name={name} onClose={close} />;
  return (
    <Plain ref={button} className={styles.name} aria-label={texts.rename(name)} onPress={() => setEditing(true)}>
      {name}
      <Pencil size={16} aria-hidden />
    </Plain>
  );
}

function NameForm({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
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
            <Button onPress={onClose}>{common.cancel}</Button>
            <Button type="submit" kind="primary" isPending={form.pending}>
              {common.save}
            </Button>
          </Buttons>
        }
      >
        <TextField label={texts.name} isRequired maxLength={100} autoFocus {...form.field("name")} />
      </Form>
    </div>
  );
}

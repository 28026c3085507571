import Check from "lucide-react/icons/check";
import Copy from "lucide-react/icons/copy";
import Download from "lucide-react/icons/download";
import Printer from "lucide-react/icons/printer";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../kit/Button.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { useForm } from "../../kit/useForm.ts";
import { useCopy } from "../../kit/Values.tsx";
import { download } from "../../lib/download.ts";
import { useFormat } from "../../lib/format.ts";
import { common } from "../../messages/en/common.ts";
import { security as texts } from "../../messages/en/security.ts";
import { sameCode } from "./codes.ts";
import styles from "./Security.module.css";

type Props = { codes: readonly string[]; email: string; step?: string; onClose: () => void };

/**
 * Recovery codes, shown once: they are gone when the third of them was typed,
 * or when the person says that they leave without.
 */
export function Codes({ codes, email, step, onClose }: Props) {
  const { date } = useFormat();
  const list = useRef<HTMLOListElement>(null);
  const [copied, copy] = useCopy(codes.join("\n"), list);
  const [wrong, setWrong] = useState(false);
  const text = `${texts.fileHead(email, date(Date.now()))}\n\n${codes.join("\n")}\n`;
  const form = useForm({
    initial: { third: "" },
    save: async ({ third }) => {
      const right = sameCode(third, codes[2] ?? "");
      setWrong(!right);
      if (!right) throw new Error(texts.thirdWrong);
    },
    onSaved: () => {
      toast(texts.finished);
      onClose();
    },
  });
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, []);
  return (
    <Dialog
      open
      title={texts.codesTitle}
      onClose={onClose}
      dirty
      ask={{ title: texts.leaveCodesTitle, text: texts.leaveCodesText }}
    >
      {step && <p className={styles.text}>{step}</p>}
      <p>{texts.codesText}</p>
      <ol ref={list} className={styles.codes} aria-label={texts.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className={styles.actions}>
        <Button small icon={copied === "copied" ? Check : Copy} onPress={copy}>
          {copied === "copied" ? common.copied : common.copy}
        </Button>
        <Button small icon={Download} onPress={() => download(texts.file, text, "text")}>
          {texts.download}
        </Button>
        <Button small icon={Printer} onPress={() => window.print()}>
          {texts.print}
        </Button>
      </div>
      {copied !== "idle" && (
        <Notice live kind={copied === "copied" ? "good" : "warn"}>
          {copied === "copied" ? common.copied : common.copyFailed}
        </Notice>
      )}
      <Form form={form} submit={texts.finish}>
        <TextField
          label={texts.third}
          autoComplete="off"
          spellCheck="false"
          isRequired
          isInvalid={wrong}
          maxLength={24}
          {...form.field("third")}
          onChange={(third) => {
            // The browser sends no form with a field that is marked as wrong.
            setWrong(false);
            form.set({ third });
          }}
        />
      </Form>
    </Dialog>
  );
}

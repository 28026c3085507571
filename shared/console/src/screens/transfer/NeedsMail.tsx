import { useState } from "react";
import { api } from "../../api/index.ts";
import { Button } from "../../kit/Button.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { useAction } from "../../kit/useAction.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { useSession } from "../../session/store.ts";
import styles from "./Transfer.module.css";

type Props = {
  text: string;
  /**
   * The transfer whose mail can be sent again. A side that has answered gets
   * none.
   */
  ticket?: string | undefined;
};

/** Explains that a step needs the link of a mail, and sends the mail again. */
export function NeedsMail({ text, ticket }: Props) {
  const { email } = useSession();
  const { act, pending } = useAction();
  const [sent, setSent] = useState(false);
  return (
    <>
      <Notice>{text}</Notice>
      {ticket && (
        <div className={styles.row}>
          <Button
            isPending={pending}
            onPress={async () =>
              setSent((await act(() => api.POST("/transfer/{ticket}/mail", { params: { path: { ticket } } }))) || sent)
            }
          >
            {texts.sendAgain}
          </Button>
          <span role="status">{sent && texts.sentAgain(email)}</span>
        </div>
      )}
    </>
  );
}

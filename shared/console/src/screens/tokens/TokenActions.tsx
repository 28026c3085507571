import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../../api/faults.ts";
import { api } from "../../api/index.ts";
import { accountQuery, keys } from "../../api/queries.ts";
import { ConfirmDialog, Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { emptyProof, Prove, proofBody } from "../../kit/Prove.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { day } from "../../lib/days.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import { useSession } from "../../session/store.ts";
import { LastUse } from "./Cells.tsx";
import styles from "./Tokens.module.css";
import type { Token } from "./tokens.ts";

/** The actions on tokens besides rotating and editing them. */
export type Deed = "disable" | "remove" | "enable";

type Props = {
  profile: string;
  deed: Deed;
  tokens: readonly Token[];
  onClose: () => void;
  /** The action was successful for all of them. */
  onDone?: () => void;
};

/**
 * Asks before tokens are disabled or deleted. Before one is enabled it asks for
 * the password.
 */
export function Ask({ profile, deed, tokens, onClose, onDone }: Props) {
  const [first] = tokens;
  if (!first) return null;
  return deed === "enable" ? (
    <Enable profile={profile} token={first} onClose={onClose} onDone={onDone} />
  ) : (
    <End profile={profile} deed={deed} tokens={tokens} first={first} onClose={onClose} onDone={onDone} />
  );
}

type EndProps = Omit<Props, "deed" | "onDone"> & {
  deed: "disable" | "remove";
  first: Token;
  onDone: (() => void) | undefined;
};

// End acts on one token after the other. Those that failed are tried again when
// the person presses again.
function End({ profile, deed, tokens, first, onClose, onDone }: EndProps) {
  const [left, setLeft] = useState(tokens);
  const [done, setDone] = useState(0);
  const many = tokens.length > 1;
  const removes = deed === "remove";
  const one = (token: string) => ({ params: { path: { id: profile, token } } });
  async function confirm() {
    const failed: { token: Token; error: unknown }[] = [];
    for (const token of left) {
      try {
        if (removes) await api.DELETE("/profile/{id}/token/{token}", one(token.id));
        else await api.PUT("/profile/{id}/token/{token}", { ...one(token.id), body: { disabled: true } });
        setDone((before) => before + 1);
      } catch (error) {
        failed.push({ token, error });
      }
    }
    const [broken] = failed;
    if (broken) {
      await reread(keys.tokens(profile));
      setLeft(failed.map(({ token }) => token));
      throw new Error(texts.someLeft(failed.length, tokens.length, messageOf(broken.error)));
    }
    onDone?.();
    await reread(keys.tokens(profile));
    if (removes) toast(many ? texts.removedMany(tokens.length) : texts.removed(first.name));
    else toast(many ? texts.disabledMany(tokens.length) : texts.disabledDone(first.name));
  }
  const recent = tokens.filter(({ used }) => used && Date.now() - Date.parse(used.at) < day);
  const title = removes
    ? many
      ? texts.removeMany(tokens.length)
      : texts.removeTitle(first.name)
    : many
      ? texts.disableMany(tokens.length)
      : texts.disableTitle(first.name);
  return (
    <ConfirmDialog
      title={title}
      text={
        <div className={styles.limitBody}>
          <p>{removes ? texts.removeText : texts.disableText}</p>
          {recent.length > 0 && (
            <div>
              <p>{texts.recentlyUsed}</p>
              <ul className={styles.bulkList}>
                {recent.map((token) => (
                  <li key={token.id}>
                    {many && <strong>{token.name}</strong>}
                    <LastUse token={token} />
                  </li>
                ))}
              </ul>
            </div>
          )}
          {many && (
            <p role="status" className={styles.quiet}>
              {done > 0 && texts.working(done, tokens.length)}
            </p>
          )}
        </div>
      }
      action={removes ? texts.remove : texts.disable}
      onClose={onClose}
      onConfirm={confirm}
      failure={(error) => (
        <Notice kind="bad" live>
          {messageOf(error)}
        </Notice>
      )}
    />
  );
}

type EnableProps = { profile: string; token: Token; onClose: () => void; onDone: (() => void) | undefined };

function Enable({ profile, token, onClose, onDone }: EnableProps) {
  const session = useSession();
  const { data: account } = useQuery(accountQuery);
  const form = useForm({
    initial: { proof: emptyProof(account?.otp) },
    names: ["password", "pin_code"],
    save: async ({ proof }) => {
      await api.PUT("/profile/{id}/token/{token}", {
        params: { path: { id: profile, token: token.id } },
        body: { disabled: false, ...proofBody(proof) },
      });
      onDone?.();
      await reread(keys.tokens(profile));
      toast(texts.enabledDone(token.name));
    },
    onSaved: onClose,
  });
  return (
    <Dialog open title={texts.enableTitle(token.name)} onClose={onClose}>
      <p>{texts.enableText}</p>
      <Form form={form} submit={texts.enable} cancel={onClose}>
        <Prove
          value={form.values.proof}
          onChange={(proof) => form.set({ proof })}
          email={session.email}
          error={form.error}
        />
      </Form>
    </Dialog>
  );
}

import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { classes } from "../../lib/classes.ts";
import { type Permission, permissionIds, permissions } from "../../messages/en/permissions.ts";
import { team as texts } from "../../messages/en/team.ts";
import { readAddresses } from "./addresses.ts";
import { EndField } from "./EndField.tsx";
import styles from "./Team.module.css";

/** The number of addresses that one request invites at most. */
const most = 20;

/** The result of a line. Without an error, the address is invited. */
type Result = { who: string; fault?: string };

type Props = {
  profile: string;
  /** The number of free places, where it is known. */
  free: number | undefined;
  onClose: () => void;
};

/**
 * Invites one or several addresses. The addresses that could not be invited
 * stay in the field, each with its reason.
 */
export function Invite({ profile, free, onClose }: Props) {
  const [results, setResults] = useState<Result[]>([]);
  const form = useForm<{ addresses: string; permission: Permission; ends_at: string }>({
    initial: { addresses: "", permission: "read", ends_at: "" },
    save: async ({ addresses: text, permission, ends_at }) => {
      const { addresses, others } = readAddresses(text);
      if (addresses.length + others.length === 0) throw new Error(texts.none);
      const done: Result[] = others.map((who) => ({ who, fault: texts.noAddress }));
      for (let next = 0; next < addresses.length; next += most) {
        const rows = await api.POST("/profile/{id}/team/invitations", {
          params: { path: { id: profile } },
          body: { emails: addresses.slice(next, next + most), permission, ends_at: ends_at || "never" },
        });
        for (const { email, invited, code, message } of rows) {
          const fault = code === "team_full" ? texts.fullLine : (message ?? "");
          done.push(invited ? { who: email } : { who: email, fault });
        }
        setResults([...done]);
      }
      setResults(done);
      await reread(keys.team(profile), keys.profiles);
      const failed = done.filter(({ fault }) => fault !== undefined);
      if (failed.length > 0) {
        form.set({ addresses: failed.map(({ who }) => who).join("\n") });
        throw new Error(texts.someFailed(failed.length, done.length));
      }
      toast(texts.sent(done.map(({ who }) => who)));
    },
    onSaved: onClose,
  });
  const { addresses, others } = readAddresses(form.values.addresses);
  const count = addresses.length + others.length;
  return (
    <Dialog open broad title={texts.inviteTitle} onClose={onClose} dirty={form.dirty}>
      <Form form={form} submit={texts.send(count)} cancel={onClose}>
        <TextField
          label={texts.addresses}
          lines={3}
          hint={count === 0 ? texts.addressesHint : texts.counted(count, free)}
          isRequired
          autoFocus
          inputMode="email"
          autoComplete="off"
          spellCheck="false"
          {...form.field("addresses")}
        />
        {free !== undefined && addresses.length > free && <Notice kind="warn">{texts.tooMany}</Notice>}
        <RadioGroup
          label={texts.permission}
          choices={permissionIds.map((id) => ({ id, name: permissions.names[id], text: permissions.ofMember[id] }))}
          {...form.field("permission")}
        />
        <EndField {...form.field("ends_at")} />
        <p className={styles.quiet}>{texts.whatHappens}</p>
        <div role="status">
          {results.length > 0 && (
            <ul className={styles.results} aria-label={texts.results}>
              {results.map(({ who, fault }) => (
                <li key={who}>
                  <span>{who}</span>
                  <span className={classes(fault === undefined ? styles.good : styles.bad)}>
                    {fault ?? texts.lineDone}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      </Form>
    </Dialog>
  );
}

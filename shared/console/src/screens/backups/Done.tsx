import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Link } from "../../kit/Link.tsx";
import { useReady } from "../../kit/useReady.ts";
import { CopyField } from "../../kit/Values.tsx";
import { backups as texts } from "../../messages/en/backups.ts";
import type { Restored } from "./queries.ts";
import { Refused } from "./Restore.tsx";

type Props = { restored: Restored; isNew: boolean; onClose: () => void };

/** What came back, with the new secrets of webhooks, only this once. */
export function Done({ restored: { profile, refused, webhooks }, isNew, onClose }: Props) {
  const ready = useReady();
  return (
    <Dialog
      open
      title={texts.doneTitle}
      dirty={webhooks.length > 0}
      ask={{ title: texts.leaveTitle, text: texts.leaveText }}
      onClose={onClose}
    >
      <Refused title={texts.refused} rows={refused} />
      {webhooks.length > 0 && <p>{texts.secrets}</p>}
      {webhooks.map(({ id, url, secret }) => (
        <CopyField key={id} labelled label={texts.secretOf(url)} value={secret} />
      ))}
      <Buttons>
        {isNew && profile && webhooks.length === 0 && (
          <Link to="/p/$profile" params={{ profile }} kind="secondary">
            {texts.toProfile}
          </Link>
        )}
        <Button kind="primary" isDisabled={!ready} onPress={onClose}>
          {texts.close}
        </Button>
      </Buttons>
    </Dialog>
  );
}

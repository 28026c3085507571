import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { useReady } from "../../kit/useReady.ts";
import { CopyField, Time } from "../../kit/Values.tsx";
import { webhooks as texts } from "../../messages/en/webhooks.ts";

type Props = { secret: string; previousUntil?: string | null; onClose: () => void };

/** Shows the secret of a webhook, only this once. Esc asks first. */
export function Made({ secret, previousUntil, onClose }: Props) {
  const ready = useReady();
  return (
    <Dialog
      open
      title={texts.secretTitle}
      dirty
      ask={{ title: texts.leaveTitle, text: texts.leaveText }}
      onClose={onClose}
    >
      <p>{texts.secretLead}</p>
      <CopyField labelled focused label={texts.secret} value={secret} />
      {previousUntil && (
        <p>
          {texts.oldUntil} <Time at={previousUntil} />
        </p>
      )}
      <Buttons>
        <Button kind="primary" isDisabled={!ready} onPress={onClose}>
          {texts.stored}
        </Button>
      </Buttons>
    </Dialog>
  );
}

import { useEffect, useState } from "react";
import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { CopyField, Time } from "../../kit/Values.tsx";
import { webhooks as texts } from "../../messages/en/webhooks.ts";

// A press that comes sooner than this was meant for the earlier contents.
const readyAfter = 800;

type Props = { secret: string; previousUntil?: string | null; onClose: () => void };

/** Shows the secret of a webhook, only this once. Esc asks first. */
export function Made({ secret, previousUntil, onClose }: Props) {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), readyAfter);
    return () => clearTimeout(timer);
  }, []);
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

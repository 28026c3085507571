import { Button } from "../kit/Button.tsx";
import { Dialog } from "../kit/Dialog.tsx";
import { session as texts } from "../messages/en/session.ts";
import { SignInForm } from "../session/SignInForm.tsx";
import { signOut, useSession } from "../session/store.ts";

/**
 * Asks the person of this page to sign in again, over it: what they were at
 * goes on then.
 */
export function SessionEnded() {
  const { email } = useSession();
  return (
    <Dialog open alert title={texts.endedTitle} onClose={() => {}}>
      <p>{texts.endedText}</p>
      <SignInForm email={email} fixed onSignedIn={() => {}} />
      <Button kind="quiet" onPress={() => void signOut()}>
        {texts.endedLeave}
      </Button>
    </Dialog>
  );
}

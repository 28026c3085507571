import { common } from "../messages/en/common.ts";
import { ConfirmDialog } from "./Dialog.tsx";

type Props = { title?: string | undefined; text?: string | undefined; onStay: () => void; onLeave: () => void };

/** Asks whether to leave a page on which something is not saved. */
export function Leave({ title = common.leaveTitle, text = common.leaveText, onStay, onLeave }: Props) {
  return (
    <ConfirmDialog
      title={title}
      text={text}
      cancel={common.leaveStay}
      action={common.leaveGo}
      onClose={onStay}
      onConfirm={onLeave}
    />
  );
}

import CircleCheck from "lucide-react/icons/circle-check";
import CircleAlert from "lucide-react/icons/circle-exclamation-point";
import X from "lucide-react/icons/x";
import { Text } from "react-aria-components/Text";
import {
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components/Toast";
import { messageOf } from "../api/faults.ts";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import { Button } from "./Button.tsx";
import { IconButton } from "./IconButton.tsx";
import styles from "./Toasts.module.css";

type Content = { text: string; bad?: boolean; undo?: () => Promise<unknown> };

const queue = new ToastQueue<Content>({ maxVisibleToasts: 3 });

/**
 * toast says that something was done. With an undo it stays longer, and has a
 * button for that.
 */
export function toast(text: string, undo?: () => Promise<unknown>): void {
  queue.add(undo ? { text, undo } : { text }, { timeout: undo ? 20_000 : 6000 });
}

/** toastError says why something was not done. It stays until it is closed. */
export function toastError(error: unknown): void {
  queue.add({ text: messageOf(error), bad: true });
}

/** clearToasts removes all toasts. */
export function clearToasts(): void {
  queue.clear();
}

async function undone(key: string, undo: () => Promise<unknown>) {
  queue.close(key);
  try {
    await undo();
    toast(common.undone);
  } catch (error) {
    toastError(error);
  }
}

/**
 * The place where toasts appear. F6 moves the focus there. Time stops while the
 * pointer is on a toast or it has the focus.
 */
export function Toasts() {
  return (
    <ToastRegion queue={queue} aria-label={common.notifications} className={styles.region}>
      {({ toast: shown }) => {
        const { key, content } = shown;
        return (
          <Toast toast={shown} className={classes(styles.toast, content.bad && styles.bad)}>
            {content.bad ? <CircleAlert size="1.125rem" aria-hidden /> : <CircleCheck size="1.125rem" aria-hidden />}
            <ToastContent className={styles.words}>
              <Text slot="title">{content.text}</Text>
            </ToastContent>
            {content.undo && (
              <Button small onPress={() => content.undo && undone(key, content.undo)}>
                {common.undo}
              </Button>
            )}
            <IconButton slot="close" small icon={X} label={common.close} />
          </Toast>
        );
      }}
    </ToastRegion>
  );
}

import { type ReactNode, useState } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import { Button } from "./Button.tsx";
import { Buttons } from "./Buttons.tsx";
import styles from "./Dialog.module.css";

type Props = {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  broad?: boolean;
  /**
   * The dialog asks a question that needs an answer. Screen readers read all of
   * it.
   */
  alert?: boolean;
  /** Typed text would be lost, so that Esc asks first. */
  dirty?: boolean;
  /** The question that Esc asks, if more than typed text would be lost. */
  ask?: { title: string; text: string };
};

/**
 * A dialog over the page. A click beside it does nothing; Esc closes it, and
 * asks first when something was typed.
 */
export function Dialog({ title, open, onClose, children, broad, alert, dirty = false, ask }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <ModalOverlay
      className={styles.veil}
      isOpen={open}
      isDismissable={false}
      onOpenChange={(now) => !now && (dirty ? setAsking(true) : onClose())}
    >
      <Modal className={classes(styles.modal, broad && styles.broad)}>
        <AriaDialog role={alert ? "alertdialog" : "dialog"} className={styles.dialog}>
          <Heading slot="title" level={2} className={styles.title}>
            {title}
          </Heading>
          <div className={styles.body}>{children}</div>
          {asking && (
            <ConfirmDialog
              title={ask?.title ?? common.leaveTitle}
              text={ask?.text ?? common.leaveText}
              cancel={common.leaveStay}
              action={common.leaveGo}
              onClose={() => setAsking(false)}
              onConfirm={onClose}
            />
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

type ConfirmProps = {
  title: string;
  /** The consequences, shown before the button of the action. */
  text: ReactNode;
  action: string;
  cancel?: string;
  danger?: boolean;
  onClose: () => void;
  /**
   * The action. The dialog waits while it runs. If it throws, the dialog stays
   * and shows the error.
   */
  onConfirm: () => unknown;
  failure?: (error: unknown) => ReactNode;
};

/** Asks before an action that is hard to undo. The focus is on Cancel. */
export function ConfirmDialog({
  title,
  text,
  action,
  cancel = common.cancel,
  danger = true,
  onClose,
  onConfirm,
  failure,
}: ConfirmProps) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  async function confirm() {
    setPending(true);
    try {
      await onConfirm();
      onClose();
    } catch (reason) {
      setError(reason);
      setPending(false);
    }
  }
  return (
    <Dialog alert open title={title} onClose={onClose}>
      <div>{text}</div>
      {error !== undefined && failure?.(error)}
      <Buttons>
        <Button autoFocus onPress={onClose}>
          {cancel}
        </Button>
        <Button kind={danger ? "danger" : "primary"} isPending={pending} onPress={confirm}>
          {action}
        </Button>
      </Buttons>
    </Dialog>
  );
}

/**
 * A panel that comes in from the side, as the navigation does on a small
 * screen.
 */
export function Side({
  label,
  open,
  onClose,
  children,
}: {
  label: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <ModalOverlay className={styles.veil} isOpen={open} isDismissable onOpenChange={(now) => !now && onClose()}>
      <Modal className={styles.side}>
        <AriaDialog aria-label={label}>{children}</AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

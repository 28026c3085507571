import { useBlocker } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Form as AriaForm } from "react-aria-components/Form";
import { isCode } from "../api/faults.ts";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import { Button } from "./Button.tsx";
import { Buttons } from "./Buttons.tsx";
import styles from "./Form.module.css";
import { holdChanges } from "./hold.ts";
import { Failure } from "./Notice.tsx";
import type { Form as State } from "./useForm.ts";

// Pages for signed-out people have forms but no dialogs.
const Leave = lazy(() => import("./Leave.tsx").then(({ Leave }) => ({ default: Leave })));

type Props = {
  // biome-ignore lint/suspicious/noExplicitAny: a form of whatever values.
  form: State<any>;
  children: ReactNode;
  /** The text of its button, or the buttons themselves. */
  submit: ReactNode;
  cancel?: () => void;
  narrow?: boolean;
  /**
   * Asks before a person leaves the page with something typed and not saved.
   */
  guard?: boolean;
  danger?: boolean;
  /** Handles a refusal, besides the message that the form shows. */
  failure?: (error: unknown) => ReactNode;
};

const faulty = ":is(input, textarea, select, button)";

/**
 * A form: its fields with their errors, an error about all of it, and its
 * buttons. A refusal moves the focus to the first field that it names.
 */
export function Form({ form, children, submit, cancel, narrow, guard, danger, failure }: Props) {
  const count = Object.keys(form.faults).length;
  const root = useRef<HTMLFormElement>(null);
  useEffect(() => (root.current ? holdChanges(root.current) : undefined), []);
  // Browsers do the same with a field that they refuse themselves. It is not
  // done if the person has moved on to something else.
  useEffect(() => {
    const at = document.activeElement;
    if (form.error === undefined || !root.current || !(at === document.body || root.current.contains(at))) return;
    root.current.querySelector<HTMLElement>(`${faulty}[aria-invalid=true], [aria-invalid=true] ${faulty}`)?.focus();
  }, [form.error]);
  return (
    <AriaForm
      ref={root}
      className={classes(styles.form, narrow && styles.narrow)}
      validationErrors={form.faults}
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      {guard && <Guard dirty={form.dirty && !form.pending} />}
      {children}
      {form.error !== undefined && count === 0 && (
        <Failure error={form.error}>{isCode(form.error, "conflict") && <p>{common.stale}</p>}</Failure>
      )}
      <p role="status" className="visually-hidden">
        {count > 0 && common.checkFields(count)}
      </p>
      {form.error !== undefined && failure?.(form.error)}
      {typeof submit === "string" ? (
        <Buttons>
          {cancel && <Button onPress={cancel}>{common.cancel}</Button>}
          <Button type="submit" kind={danger ? "danger" : "primary"} isPending={form.pending}>
            {submit}
          </Button>
        </Buttons>
      ) : (
        submit
      )}
    </AriaForm>
  );
}

/**
 * Asks before leaving the page while something is dirty: by a link, by Back,
 * and by closing the tab.
 */
export function Guard({ dirty, title, text }: { dirty: boolean; title?: string; text?: string }) {
  const blocker = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: () => dirty, withResolver: true });
  if (blocker.status !== "blocked") return null;
  return (
    <Suspense>
      <Leave title={title} text={text} onStay={() => blocker.reset?.()} onLeave={() => blocker.proceed?.()} />
    </Suspense>
  );
}

import Check from "lucide-react/icons/check";
import Copy from "lucide-react/icons/copy";
import { type RefObject, useEffect, useId, useRef, useState } from "react";
import { Focusable } from "react-aria-components/Focusable";
import { Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import { useFormat } from "../lib/format.ts";
import { common } from "../messages/en/common.ts";
import buttons from "./Button.module.css";
import { Button } from "./Button.tsx";
import { IconButton } from "./IconButton.tsx";
import styles from "./Values.module.css";

type TimeProps = {
  at: string | null | undefined;
  /** In words such as "in 3 days", the minute, the second, or the day alone. */
  as?: "relative" | "moment" | "second" | "date";
};

/**
 * A time in the zone of the account. The exact instant, with its zone, is shown
 * on focus and on hover.
 */
export function Time({ at, as = "moment" }: TimeProps) {
  const format = useFormat();
  const [, tick] = useState(0);
  const date = at ? new Date(at) : undefined;
  const valid = date !== undefined && !Number.isNaN(date.getTime());
  const relative = as === "relative" && valid;
  useEffect(() => {
    if (!relative) return;
    const timer = setInterval(() => tick((count) => count + 1), 30_000);
    return () => clearInterval(timer);
  }, [relative]);
  if (!at) return common.never;
  if (!valid) return at;
  return (
    <TooltipTrigger delay={300} closeDelay={0}>
      <Focusable>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact instant is shown on focus, for those who use no mouse. */}
        <time dateTime={date.toISOString()} className={styles.time} tabIndex={0} role="note">
          {format[as](date)}
        </time>
      </Focusable>
      <Tooltip className={buttons.tip} offset={6}>
        {format.exact(date)}
      </Tooltip>
    </TooltipTrigger>
  );
}

/** An amount of money, given in cents. */
export function Money({ cents }: { cents: number }) {
  const { money } = useFormat();
  return <span className={styles.number}>{money(cents)}</span>;
}

/** A number, written as the account writes numbers. */
export function Amount({ value }: { value: number }) {
  const { number } = useFormat();
  return <span className={styles.number}>{number(value)}</span>;
}

type Copying = "idle" | "copied" | "failed";

/**
 * copyText copies a text and returns whether it has. If the browser forbids one
 * way, it tries another with the element that shows the text, which stays
 * selected.
 */
export async function copyText(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (!shown) return false;
    if (shown instanceof HTMLInputElement) {
      shown.focus();
      shown.select();
    } else getSelection()?.selectAllChildren(shown);
    // The text itself, and not how the page shows it.
    const give = (event: ClipboardEvent) => {
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
    };
    document.addEventListener("copy", give);
    try {
      return document.execCommand("copy");
    } catch {
      return false;
    } finally {
      document.removeEventListener("copy", give);
    }
  }
}

/**
 * useCopy returns the result of copying a text, and the function that copies
 * it.
 */
export function useCopy(text: string, shown: RefObject<HTMLElement | null>): [Copying, () => Promise<void>] {
  const [state, setState] = useState<Copying>("idle");
  async function copy() {
    setState((await copyText(text, shown.current)) ? "copied" : "failed");
  }
  return [state, copy];
}

type CopyFieldProps = {
  label: string;
  value: string;
  /** The label can be seen. */
  labelled?: boolean;
  /** It takes the focus when it comes. */
  focused?: boolean;
};

/**
 * A text to copy. "Copied" is said when the browser has done it; otherwise the
 * text is selected and the keys are named.
 */
export function CopyField({ label, value, labelled, focused }: CopyFieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [state, copy] = useCopy(value, field);
  useEffect(() => {
    if (focused) field.current?.focus();
  }, [focused]);
  return (
    <div>
      <label htmlFor={id} className={labelled ? styles.label : "visually-hidden"}>
        {label}
      </label>
      <div className={styles.copy}>
        <input
          id={id}
          ref={field}
          className={styles.secret}
          value={value}
          readOnly
          spellCheck={false}
          autoComplete="off"
          onFocus={(event) => event.target.select()}
        />
        <Button icon={state === "copied" ? Check : Copy} onPress={copy} aria-label={common.copyName(label)}>
          {state === "copied" ? common.copied : common.copy}
        </Button>
      </div>
      <p role="status">
        {state === "failed" ? (
          common.copyFailed
        ) : (
          <span className="visually-hidden">{state === "copied" ? common.copied : ""}</span>
        )}
      </p>
    </div>
  );
}

/**
 * A short id in a line of text, with a button that copies it. Where the browser
 * does not, the id is selected and the keys are named.
 */
export function CopyId({ label, value }: { label: string; value: string }) {
  const code = useRef<HTMLElement>(null);
  const [state, copy] = useCopy(value, code);
  return (
    <span className={styles.id}>
      <code ref={code}>{value}</code>
      <IconButton
        small
        icon={state === "copied" ? Check : Copy}
        label={state === "copied" ? common.copied : common.copyName(label)}
        onPress={copy}
      />
      {state === "failed" && <span role="alert">{common.copyFailed}</span>}
    </span>
  );
}

import { useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import { keepFocus } from "./keepFocus.ts";
import styles from "./Page.module.css";
import { useArrival } from "./useArrival.ts";

type Props = {
  title: string;
  /**
   * The content in place of the heading, such as a name that can be changed.
   * The title of the tab does not change.
   */
  heading?: ReactNode;
  /**
   * The content in place of the visible heading, such as the field that changes
   * the name. Screen readers still read the heading.
   */
  editor?: ReactNode;
  /** Beside the heading: badges. */
  beside?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  /** The name of the profile, for the title of the tab. */
  within?: string | undefined;
  children: ReactNode;
};

/**
 * A screen: its heading, which gets the focus on navigation, so that screen
 * readers say where the person is, and the title of the tab.
 */
export function Page({ title, heading, editor, beside, lead, actions, within, children }: Props) {
  const head = useRef<HTMLHeadingElement>(null);
  // The address changes before the new page appears. Without this, the focus
  // would be lost with the earlier page.
  useArrival(useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname }), head);
  useEffect(() => {
    document.title = [title, within, common.product].filter(Boolean).join(" · ");
  }, [title, within]);
  useEffect(() => keepFocus(() => head.current), []);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.titles}>
          <div className={styles.line}>
            <h1 ref={head} tabIndex={-1} className={editor ? "visually-hidden" : undefined}>
              {heading ?? title}
            </h1>
            {editor || beside}
          </div>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type SectionProps = {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  danger?: boolean;
  plain?: boolean;
  children: ReactNode;
};

/** A part of a page with a heading of its own, on a card unless it is plain. */
export function Section({ title, lead, actions, danger, plain, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes(styles.section, !plain && styles.card, danger && styles.danger)}>
      <div className={styles.head}>
        <div className={styles.titles}>
          <h2 id={id}>{title}</h2>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** Names and values, one pair a line. Pairs without a value are left out. */
export function Facts({ pairs }: { pairs: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {pairs
        .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== "")
        .map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/**
 * Links between the parts of one subject. Each is a page of its own; give it
 * links with the class of a tab.
 */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className={styles.tabs}>
      {children}
    </nav>
  );
}

export const tabClass = styles.tab;

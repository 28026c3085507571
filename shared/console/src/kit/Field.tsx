import type { ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { common } from "../messages/en/common.ts";
import styles from "./Field.module.css";

/**
 * The parts of every field: a label, a sentence, and the error after a refusal.
 */
export type FieldProps = {
  label: string;
  hint?: ReactNode;
  /** Says "optional" beside the label. */
  optional?: boolean;
};

export function FieldLabel({ label, optional }: { label: string; optional?: boolean | undefined }) {
  return (
    <Label className={styles.label}>
      {label}
      {optional && <span className={styles.optional}> {common.optional}</span>}
    </Label>
  );
}

export function FieldHint({ hint }: { hint?: ReactNode }) {
  return (
    <>
      {hint && (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error} />
    </>
  );
}

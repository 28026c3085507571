import { Minus, Plus } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { Group } from "react-aria-components/Group";
import { Input } from "react-aria-components/Input";
import { NumberField as AriaNumberField, type NumberFieldProps as AriaProps } from "react-aria-components/NumberField";
import { classes } from "../lib/classes.ts";
import styles from "./Field.module.css";
import { FieldHint, FieldLabel, type FieldProps } from "./Field.tsx";

type Props = FieldProps & Omit<AriaProps, "className" | "style" | "children"> & { steps?: boolean };

/** A number, written as the account writes numbers; with `steps` there are buttons for one more and one less. */
export function NumberField({ label, hint, optional, steps, ...props }: Props) {
  return (
    <AriaNumberField {...props} className={styles.field}>
      <FieldLabel label={label} optional={optional} />
      <Group className={styles.control}>
        {steps && (
          <Button slot="decrement" className={styles.inner}>
            <Minus size={16} aria-hidden />
          </Button>
        )}
        <Input className={classes(styles.input, styles.number)} />
        {steps && (
          <Button slot="increment" className={styles.inner}>
            <Plus size={16} aria-hidden />
          </Button>
        )}
      </Group>
      <FieldHint hint={hint} />
    </AriaNumberField>
  );
}

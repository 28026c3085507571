import Eye from "lucide-react/icons/eye";
import EyeOff from "lucide-react/icons/eye-off";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { TextArea } from "react-aria-components/TextArea";
import { type TextFieldProps as AriaProps, TextField as AriaTextField } from "react-aria-components/TextField";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import styles from "./Field.module.css";
import { FieldHint, FieldLabel, type FieldProps } from "./Field.tsx";

type Props = FieldProps &
  Omit<AriaProps, "className" | "style" | "children"> & {
    placeholder?: string;
    lines?: number;
    /** Of a day: the first and the last one. */
    min?: string | undefined;
    max?: string | undefined;
  };

/**
 * One line of text, several with `lines`, or a password that can be looked at.
 */
export function TextField({ label, hint, optional, placeholder, lines, type, min, max, ...props }: Props) {
  const [shown, setShown] = useState(false);
  const secret = type === "password";
  return (
    <AriaTextField {...props} type={secret && shown ? "text" : (type ?? "text")} className={styles.field}>
      <FieldLabel label={label} optional={optional} />
      <div className={styles.control}>
        {lines ? (
          <TextArea className={classes(styles.input, styles.area)} rows={lines} placeholder={placeholder} />
        ) : (
          <Input className={styles.input} placeholder={placeholder} min={min} max={max} />
        )}
        {secret && (
          <Button
            slot={null}
            className={styles.inner}
            aria-label={shown ? common.hidePassword : common.showPassword}
            onPress={() => setShown(!shown)}
          >
            {shown ? <EyeOff size="1rem" aria-hidden /> : <Eye size="1rem" aria-hidden />}
          </Button>
        )}
      </div>
      <FieldHint hint={hint} />
    </AriaTextField>
  );
}

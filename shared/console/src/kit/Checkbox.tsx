import Check from "lucide-react/icons/check";
import Minus from "lucide-react/icons/minus";
import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, type CheckboxProps } from "react-aria-components/Checkbox";
import styles from "./Field.module.css";

type CheckProps = Omit<CheckboxProps, "className" | "style" | "children"> & { children: ReactNode; text?: ReactNode };

/** A checkbox, with a sentence below it. */
export function Checkbox({ children, text, ...props }: CheckProps) {
  return (
    <AriaCheckbox {...props} className={styles.check}>
      {({ isIndeterminate, isSelected }) => (
        <>
          <span className={styles.box}>
            {isIndeterminate ? (
              <Minus size="0.875rem" aria-hidden />
            ) : (
              isSelected && <Check size="0.875rem" aria-hidden />
            )}
          </span>
          <span>
            {children}
            {text && <span className={styles.hint}> {text}</span>}
          </span>
        </>
      )}
    </AriaCheckbox>
  );
}

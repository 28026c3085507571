import { RadioGroup as AriaRadioGroup, Radio, type RadioGroupProps } from "react-aria-components/RadioGroup";
import styles from "./Field.module.css";
import { FieldHint, FieldLabel, type FieldProps } from "./Field.tsx";
import type { Choice } from "./Select.tsx";

type RadioProps<K extends string> = FieldProps &
  Omit<RadioGroupProps, "className" | "style" | "children" | "value" | "defaultValue" | "onChange"> & {
    choices: readonly Choice<K>[];
    value?: K | null;
    defaultValue?: K;
    onChange?: (value: K) => void;
  };

/** One of a few choices. All are visible, each with a sentence about it. */
export function RadioGroup<K extends string>({
  label,
  hint,
  optional,
  choices,
  value,
  onChange,
  ...props
}: RadioProps<K>) {
  return (
    <AriaRadioGroup
      {...props}
      {...(value !== undefined && { value })}
      onChange={(key) => onChange?.(key as K)}
      className={styles.field}
    >
      <FieldLabel label={label} optional={optional} />
      <div className={styles.options}>
        {choices.map((choice) => (
          <Radio key={choice.id} value={choice.id} isDisabled={choice.disabled ?? false} className={styles.option}>
            <span className={styles.circle} />
            <span>
              <span className={styles.optionName}>{choice.name}</span>
              {choice.text && <span className={styles.hint}>{choice.text}</span>}
            </span>
          </Radio>
        ))}
      </div>
      <FieldHint hint={hint} />
    </AriaRadioGroup>
  );
}

import { Check, ChevronDown } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { type SelectProps as AriaProps, Select as AriaSelect, SelectValue } from "react-aria-components/Select";
import { Text } from "react-aria-components/Text";
import { common } from "../messages/en/common.ts";
import styles from "./Field.module.css";
import { FieldHint, FieldLabel, type FieldProps } from "./Field.tsx";
import menu from "./Menu.module.css";
import { Popover } from "./Popover.tsx";

export type Choice<K extends string = string> = {
  id: K;
  name: string;
  /** One sentence about it. */
  text?: string;
  disabled?: boolean;
};

type Props<K extends string> = FieldProps &
  Omit<
    AriaProps<object>,
    "className" | "style" | "children" | "selectedKey" | "onSelectionChange" | "value" | "onChange"
  > & {
    choices: readonly Choice<K>[];
    value?: K | null;
    onChange?: (value: K) => void;
  };

/** One of several choices, in a list that opens. */
export function Select<K extends string>({ label, hint, optional, choices, value, onChange, ...props }: Props<K>) {
  return (
    <AriaSelect
      {...props}
      {...(value !== undefined && { value })}
      onChange={(key) => onChange?.(key as K)}
      placeholder={props.placeholder ?? common.choose}
      disabledKeys={choices.filter((choice) => choice.disabled).map((choice) => choice.id)}
      className={styles.field}
    >
      <FieldLabel label={label} optional={optional} />
      <Button className={styles.select}>
        <SelectValue className={styles.value}>
          {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
        </SelectValue>
        <ChevronDown size={16} aria-hidden />
      </Button>
      <FieldHint hint={hint} />
      <Popover wide>
        <ListBox items={choices} className={menu.list}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name} className={menu.item}>
              {({ isSelected }) => (
                <>
                  <span className={menu.words}>
                    <Text slot="label">{choice.name}</Text>
                    {choice.text && (
                      <Text slot="description" className={menu.text}>
                        {choice.text}
                      </Text>
                    )}
                  </span>
                  {isSelected && <Check size={16} aria-hidden />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

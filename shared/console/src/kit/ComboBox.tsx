import { Check, ChevronDown } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { ComboBox as AriaComboBox, type ComboBoxProps as AriaProps } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Text } from "react-aria-components/Text";
import { common } from "../messages/en/common.ts";
import styles from "./Field.module.css";
import { FieldHint, FieldLabel, type FieldProps } from "./Field.tsx";
import menu from "./Menu.module.css";
import { Popover } from "./Popover.tsx";
import type { Choice } from "./Select.tsx";

type Props = FieldProps &
  Omit<
    AriaProps<Choice>,
    "className" | "style" | "children" | "selectedKey" | "defaultItems" | "onSelectionChange" | "value" | "onChange"
  > & {
    choices: readonly Choice[];
    value: string;
    onChange: (value: string) => void;
  };

/** One of many choices, found by typing a part of its name. */
export function ComboBox({ label, hint, optional, choices, value, onChange, ...props }: Props) {
  return (
    <AriaComboBox
      {...props}
      defaultItems={choices}
      value={value}
      onChange={(key) => typeof key === "string" && onChange(key)}
      menuTrigger="focus"
      allowsEmptyCollection
      className={styles.field}
    >
      <FieldLabel label={label} optional={optional} />
      <div className={styles.control}>
        <Input className={styles.input} />
        <Button className={styles.inner}>
          <ChevronDown size={16} aria-hidden />
        </Button>
      </div>
      <FieldHint hint={hint} />
      <Popover wide>
        <ListBox className={menu.list} renderEmptyState={() => <p className={menu.none}>{common.noMatch}</p>}>
          {(choice: Choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name} className={menu.item}>
              {({ isSelected }) => (
                <>
                  <span className={menu.words}>
                    <Text slot="label">{choice.name}</Text>
                  </span>
                  {choice.text && <span className={menu.text}>{choice.text}</span>}
                  {isSelected && <Check size={16} aria-hidden />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaComboBox>
  );
}

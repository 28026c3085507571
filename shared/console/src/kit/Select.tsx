import Check from "lucide-react/icons/check";
import ChevronDown from "lucide-react/icons/chevron-down";
import type { ReactNode } from "react";
import { Autocomplete, useFilter } from "react-aria-components/Autocomplete";
import { Button } from "react-aria-components/Button";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { type SelectProps as AriaProps, Select as AriaSelect, SelectValue } from "react-aria-components/Select";
import { Text } from "react-aria-components/Text";
import { common } from "../messages/en/common.ts";
import styles from "./Field.module.css";
import { FieldHint, FieldLabel, type FieldProps } from "./Field.tsx";
import menu from "./Menu.module.css";
import { Popover } from "./Popover.tsx";
import { SearchField } from "./SearchField.tsx";

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
    /**
     * The surroundings, such as the head of a table, show what it is. The label
     * is its name for screen readers only.
     */
    bare?: boolean;
    /** There are many: a field above the list filters them. */
    searchable?: boolean;
    value?: K | null;
    onChange?: (value: K) => void;
  };

function Searched({ label, children }: { label: string; children: ReactNode }) {
  const { contains } = useFilter({ sensitivity: "base" });
  return (
    <Autocomplete filter={contains}>
      <div className={menu.search}>
        <SearchField label={common.find(label)} autoFocus ofList />
      </div>
      {children}
    </Autocomplete>
  );
}

/** One of several choices, in a list that opens. */
export function Select<K extends string>({
  label,
  hint,
  optional,
  choices,
  bare,
  searchable,
  value,
  onChange,
  ...props
}: Props<K>) {
  const list = (
    <ListBox
      items={choices}
      className={menu.list}
      renderEmptyState={() => <p className={menu.none}>{common.noMatch}</p>}
    >
      {(choice) => (
        <ListBoxItem id={choice.id} textValue={choice.name} className={menu.item}>
          {({ isSelected }) => (
            <>
              <span className={menu.words}>
                <Text slot="label">
                  {choice.name} {choice.text && <span className={menu.text}>{choice.text}</span>}
                </Text>
              </span>
              {isSelected && <Check size="1rem" aria-hidden />}
            </>
          )}
        </ListBoxItem>
      )}
    </ListBox>
  );
  return (
    <AriaSelect
      {...props}
      {...(value !== undefined && { value })}
      {...(bare && { "aria-label": label })}
      onChange={(key) => onChange?.(key as K)}
      placeholder={props.placeholder ?? common.choose}
      disabledKeys={choices.filter((choice) => choice.disabled).map((choice) => choice.id)}
      className={styles.field}
    >
      {!bare && <FieldLabel label={label} optional={optional} />}
      <Button className={styles.select}>
        <SelectValue className={styles.value}>
          {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
        </SelectValue>
        <ChevronDown size="1rem" aria-hidden />
      </Button>
      <FieldHint hint={hint} />
      <Popover wide>{searchable ? <Searched label={label}>{list}</Searched> : list}</Popover>
    </AriaSelect>
  );
}

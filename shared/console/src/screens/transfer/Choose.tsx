import { useQuery } from "@tanstack/react-query";
import { pricingQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { NumberField } from "../../kit/NumberField.tsx";
import { Select } from "../../kit/Select.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { listed, useFormat } from "../../lib/format.ts";
import { addons as addonNames, serviceName, services } from "../../messages/en/services.ts";
import { transfer } from "../../messages/en/transfer.ts";
import {
  addonsOf,
  amountsOf,
  type Choices,
  freeOf,
  heldOf,
  mostPeople,
  type Right,
  shortOf,
  staying,
  teamOf,
} from "./choices.ts";
import styles from "./Transfer.module.css";
import type { View } from "./words.ts";

const texts = transfer.choose;
const rights = (Object.keys(texts.rights) as Right[]).map((id) => ({ id, name: texts.rights[id] }));

type Props = { view: View; choices: Choices; self: string; onChange: (change: Partial<Choices>) => void };

/**
 * The choices of the receiving side: name, team, amounts and add-ons. For
 * people nothing is chosen at first.
 */
export function Choose(props: Props) {
  const { view, choices, onChange } = props;
  return (
    <>
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        placeholder={view.offer?.name ?? ""}
        name="name"
        autoComplete="off"
        maxLength={100}
        value={choices.name}
        onChange={(name) => onChange({ name })}
      />
      <Team {...props} />
      <Amounts {...props} />
      <Addons {...props} />
    </>
  );
}

function Team({ view, choices, self, onChange }: Props) {
  const team = teamOf(view, self);
  const { number } = useFormat();
  const most = mostPeople(view);
  const people = staying(choices);
  const all = (right: (had: Right) => Right) =>
    onChange({ members: Object.fromEntries(team.map(({ id, permission }) => [id, right(permission)])) });
  return (
    <fieldset className={styles.group}>
      <legend>{texts.team}</legend>
      <p className={styles.quiet}>{team.length > 0 ? texts.teamText : texts.noTeam}</p>
      {team.length > 2 && (
        <div className={styles.row}>
          <Button small onPress={() => all((had) => had)}>
            {texts.all.stay}
          </Button>
          <Button small onPress={() => all(() => "none")}>
            {texts.all.leave}
          </Button>
        </div>
      )}
      <div className={styles.grid}>
        {team.map(({ id, name, permission }) => (
          <Select
            key={id}
            label={texts.hasNow(name || transfer.unnamed(id), permission)}
            name={`member ${id}`}
            choices={rights}
            isRequired
            value={choices.members[id] ?? null}
            onChange={(right) => onChange({ members: { ...choices.members, [id]: right } })}
          />
        ))}
        <Select
          label={texts.previousOwner(view.offer?.owner ?? "")}
          name="owner"
          choices={rights}
          isRequired
          value={choices.owner}
          onChange={(owner) => onChange({ owner })}
        />
      </div>
      <div role="status">
        {most !== undefined && people > most && (
          <Notice kind="warn">
            <strong>{texts.teamOver(number(people), number(most))}</strong>
            <p>
              {texts.teamOverText} <Link to={"/subscription" as string}>{transfer.fixes.plan}</Link>
            </p>
          </Notice>
        )}
      </div>
    </fieldset>
  );
}

function Amounts({ view, choices, onChange }: Props) {
  const { number } = useFormat();
  const free = freeOf(view);
  const held = heldOf(view);
  const amounts = amountsOf(view);
  if (amounts.length === 0) return null;
  const short = shortOf(choices.amounts, free);
  return (
    <fieldset className={styles.group}>
      <legend>{texts.amounts}</legend>
      <p className={styles.quiet}>{texts.amountsText}</p>
      <div className={styles.grid}>
        {amounts.map(([service, most]) => {
          const amount = choices.amounts[service] ?? most;
          const room = Math.max(free[service] ?? 0, 0);
          const left = room - amount;
          return (
            <NumberField
              key={service}
              label={texts.amount(services[service].name, services[service].unit)}
              name={service}
              min={Math.min(held[service] ?? 0, most)}
              max={most}
              isRequired
              hint={
                <>
                  {texts.has(number(most))}
                  {held[service] ? `, ${texts.holds(number(held[service]))}` : ""}
                  {service in free && ", "}
                  {service in free &&
                    (left < 0 ? (
                      <span className={styles.short}>{texts.short(number(-left), number(room))}</span>
                    ) : (
                      texts.room(number(left), number(room))
                    ))}
                </>
              }
              value={amount}
              onChange={(value) => onChange({ amounts: { ...choices.amounts, [service]: value ?? 0 } })}
            />
          );
        })}
      </div>
      <div role="status">
        {short.length > 0 && (
          <Notice kind="warn">
            <strong>{texts.shortTitle(listed(short.map(serviceName)))}</strong>
            <p>
              {texts.shortText} <Link to={"/allocation" as string}>{transfer.fixes.allocation}</Link>
            </p>
          </Notice>
        )}
      </div>
    </fieldset>
  );
}

function Addons({ view, choices, onChange }: Props) {
  const { money } = useFormat();
  const { data: prices } = useQuery(pricingQuery);
  const had = addonsOf(view);
  const price = (addon: string) => prices?.addons.find(({ name }) => name === addon)?.price;
  return (
    <fieldset className={styles.group}>
      <legend>{texts.addons}</legend>
      <p className={styles.quiet}>{had.length === 0 ? texts.noAddons : texts.addonsText}</p>
      {had.map((addon) => {
        const cents = price(addon);
        return (
          <Checkbox
            key={addon}
            name={addon}
            isSelected={choices.addons[addon] ?? false}
            onChange={(taken) => onChange({ addons: { ...choices.addons, [addon]: taken } })}
          >
            {cents === undefined ? addonNames[addon] : texts.addonPrice(addonNames[addon], money(cents))}
          </Checkbox>
        );
      })}
    </fieldset>
  );
}

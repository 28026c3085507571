import { TextField } from "../../kit/TextField.tsx";
import { useFormat } from "../../lib/format.ts";
import { team as texts } from "../../messages/en/team.ts";

type Props = { name: string; value: string; onChange: (value: string) => void };

/** The last day of a membership; empty for one without an end. */
export function EndField(props: Props) {
  const { zone, dayOf } = useFormat();
  return (
    <TextField
      label={texts.lastDay}
      hint={texts.lastDayHint(zone)}
      optional
      type="date"
      min={dayOf(Date.now())}
      {...props}
    />
  );
}

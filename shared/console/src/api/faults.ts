import { common, fieldFaults } from "../messages/en/common.ts";
import { reasons } from "../messages/en/reasons.ts";
import { ApiError, ConnectionError } from "./errors.ts";

/** The errors of fields of a form, by their names. */
export type Faults = Record<string, string>;

type Fault = { field: string; code?: string; limit?: string };

// Reasons that concern a field without naming it in details.fields.
const fieldOf: Record<string, string> = {
  invalid_password: "password",
  password_required: "password",
  invalid_pin: "pin_code",
};

/** messageOf is the text of an error for a person. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError)
    return error.code ? (reasons[error.code]?.(error.details) ?? error.message) : common.notOurs;
  if (error instanceof ConnectionError) return common.noConnection;
  return error instanceof Error ? error.message : String(error);
}

/**
 * faultsOf assigns a refusal to the fields that it is about. A path such as
 * `info.name` is also found as `name`, and one of a list such as
 * `allow_list[1]` as `allow_list`.
 */
export function faultsOf(error: unknown, names: readonly string[]): Faults {
  if (!(error instanceof ApiError)) return {};
  const faults: Faults = {};
  const own = error.code && fieldOf[error.code];
  if (own && names.includes(own)) faults[own] = messageOf(error);
  const fields = (error.details as { fields?: Fault[] }).fields ?? [];
  for (const { field, code, limit } of fields) {
    const name = names.includes(field)
      ? field
      : field
          .replace(/\[\d+\]$/, "")
          .split(/[.[]/)
          .at(-1);
    if (!name || !names.includes(name) || faults[name]) continue;
    // A single error uses the message of the refusal, which is more exact than
    // the text for its code.
    faults[name] = fields.length === 1 || !code ? messageOf(error) : (fieldFaults[code]?.(limit) ?? messageOf(error));
  }
  return faults;
}

/** isCode says whether an error is a refusal for one of the reasons. */
export function isCode(error: unknown, ...codes: NonNullable<ApiError["code"]>[]): error is ApiError {
  return error instanceof ApiError && error.code !== undefined && codes.includes(error.code);
}

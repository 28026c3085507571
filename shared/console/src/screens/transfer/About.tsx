import { Link } from "../../kit/Link.tsx";
import { Facts, Section } from "../../kit/Page.tsx";
import { CopyId, Time } from "../../kit/Values.tsx";
import { listed, useFormat } from "../../lib/format.ts";
import { addons, serviceName } from "../../messages/en/services.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import styles from "./Transfer.module.css";
import { isOpen, type View } from "./words.ts";

/** The facts about a transfer. */
export function About({ view, desk }: { view: View; desk?: boolean }) {
  const { ticket = "", role, offer, email = "", reverts, message, profile, ended_at } = view;
  const from =
    role === "source" ? texts.you : role === "destination" && offer && texts.person(offer.owner, offer.owner_email);
  return (
    <Section title={texts.about}>
      <Facts
        pairs={[
          [texts.ticket, <CopyId key="ticket" label={texts.ticket} value={ticket} />],
          [
            texts.takesBack,
            reverts && (
              <Link to={desk ? "/desk/$ticket" : "/transfers/$ticket"} params={{ ticket: reverts }}>
                {reverts}
              </Link>
            ),
          ],
          [texts.profile, profile?.name],
          [texts.from, from],
          [texts.to, role === "destination" ? texts.youAre(email) : email],
          [texts.requested, <Time key="requested" at={view.created_at} />],
          [texts.until, isOpen(view) && <Time at={view.expires_at} />],
          [texts.ended, ended_at && <Time at={ended_at} />],
          [
            texts.message,
            message && (
              <>
                <p className={styles.said}>{message}</p>
                {role !== "source" && <p className={styles.quiet}>{texts.unchecked}</p>}
              </>
            ),
          ],
        ]}
      />
    </Section>
  );
}

/** The pairs with the choices of the receiving side. */
export function useTerms(view: View): [string, React.ReactNode][] {
  const { number } = useFormat();
  const { terms, offer } = view;
  if (!terms) return [];
  const names = new Map(offer?.team.map(({ id, name }) => [id, name]));
  const stay = terms.members.map(({ id, permission }) => texts.member(names.get(id) || texts.unnamed(id), permission));
  const amounts = Object.entries(terms.allocation).filter(([, amount]) => amount > 0);
  const come = (Object.keys(addons) as (keyof typeof addons)[]).filter((addon) => terms.addons[addon]);
  const policy = terms.token_policy?.longest_days;
  return [
    [texts.termName, terms.name ?? texts.termAsIs],
    [texts.termOwner, terms.keep_owner ? texts.stays(terms.keep_owner) : texts.leaves],
    [
      texts.termMembers,
      names.size > 0 || stay.length === 0 ? listed(stay) || texts.none : texts.membersStay(stay.length),
    ],
    [texts.termAddons, listed(come.map((addon) => addons[addon])) || texts.none],
    [texts.termPolicy, policy ? texts.days(number(policy)) : terms.token_policy ? texts.noLimit : texts.termAsIs],
    [
      texts.termAmounts,
      amounts.length > 0 && (
        <ul className={styles.plainList}>
          {amounts.map(([service, amount]) => (
            <li key={service}>
              {serviceName(service)} <span className={styles.quiet}>{number(amount)}</span>
            </li>
          ))}
        </ul>
      ),
    ],
  ];
}

/** The choices that the receiving side made when it accepted. */
export function Terms({ view }: { view: View }) {
  const pairs = useTerms(view);
  if (pairs.length === 0 || view.reverts || view.state === "completed") return null;
  return (
    <Section title={texts.terms}>
      <Facts pairs={pairs} />
    </Section>
  );
}

import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys, summaryQuery } from "../../api/queries.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Section } from "../../kit/Page.tsx";
import { Bone, Loaded } from "../../kit/States.tsx";
import { toast, toastError } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { listed, useFormat } from "../../lib/format.ts";
import { alerts as texts } from "../../messages/en/alerts.ts";
import { type Service, serviceIds, serviceName, services } from "../../messages/en/services.ts";
import styles from "./Alerts.module.css";

// Each choice is a request of its own and saved at once.
async function save(profile: string, service: Service, soft: boolean) {
  try {
    await api.PUT("/profile/{id}/soft_limits", { params: { path: { id: profile } }, body: { [service]: soft } });
    await reread(keys.profile(profile));
    toast((soft ? texts.isSoft : texts.isHard)(services[service].name));
  } catch (error) {
    toastError(error);
  }
}

/** Which limits of a profile are soft, and what was used above them. */
export function SoftLimits({ profile, may }: { profile: string; may: boolean }) {
  const { number } = useFormat();
  return (
    <Section title={texts.soft} lead={texts.softLead}>
      <Loaded query={useQuery(summaryQuery(profile))} skeleton={<Bone height="18rem" />}>
        {({ soft_limits: soft, over }) =>
          may ? (
            <div className={styles.group}>
              {serviceIds.map((service) => (
                <Checkbox
                  key={service}
                  isSelected={soft.includes(service)}
                  onChange={(chosen) => void save(profile, service, chosen)}
                  text={over[service] ? texts.over(number(over[service]), services[service].unit) : undefined}
                >
                  {services[service].name}
                </Checkbox>
              ))}
            </div>
          ) : (
            <p>{soft.length > 0 ? `${texts.softFixed} ${listed(soft.map(serviceName))}` : texts.softNone}</p>
          )
        }
      </Loaded>
    </Section>
  );
}

import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/index.ts";
import { keys, profileQuery } from "../../api/queries.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Form } from "../../kit/Form.tsx";
import { NumberField } from "../../kit/NumberField.tsx";
import { Section } from "../../kit/Page.tsx";
import { Loaded } from "../../kit/States.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { useFormat } from "../../lib/format.ts";
import { shareOf } from "../../lib/limits.ts";
import { general } from "../../messages/en/general.ts";
import { addons, type Service, serviceIds, services } from "../../messages/en/services.ts";
import { type OpenProfile, useProfile } from "../../shell/Profile.tsx";

const texts = general.spending;
const most = 1e15;

type Addon = keyof typeof addons;
const addonIds = Object.keys(addons) as Addon[];

/**
 * The allocation and the add-ons of a shared profile, for a member with the
 * permission billing. Owners divide the limits of their account instead.
 */
export function Spending() {
  const profile = useProfile();
  const query = useQuery(profileQuery(profile.id));
  return (
    <Section title={texts.title} lead={texts.lead(profile.owner_name)}>
      <Loaded query={query}>{(found) => <SpendingForm profile={profile} has={found.addons} />}</Loaded>
    </Section>
  );
}

function SpendingForm({ profile, has }: { profile: OpenProfile; has: Record<Addon, boolean> }) {
  const { number } = useFormat();
  const { id } = profile;
  const amounts = Object.fromEntries(serviceIds.map((service) => [service, shareOf(profile, service).limit])) as Record<
    Service,
    number | undefined
  >;
  const form = useForm<Record<Service, number | undefined> & Record<Addon, boolean>>({
    initial: { ...amounts, custom_dns: has.custom_dns, mobile: has.mobile },
    save: async (wanted) => {
      const params = { path: { id } };
      const changed = serviceIds.filter((service) => wanted[service] !== amounts[service]);
      const turned = addonIds.filter((addon) => wanted[addon] !== has[addon]);
      try {
        if (changed.length > 0) {
          await api.POST("/profile/{id}/services", {
            params,
            body: Object.fromEntries(changed.map((service) => [service, wanted[service]])),
          });
        }
        if (turned.length > 0) {
          await api.POST("/profile/{id}/addons", {
            params,
            body: Object.fromEntries(turned.map((addon) => [addon, wanted[addon]])),
          });
        }
      } finally {
        // The first may have succeeded where the second was refused.
        await reread(keys.profiles, keys.profile(id));
      }
      toast(texts.saved);
    },
  });
  return (
    <Form form={form} narrow guard submit={texts.save}>
      {serviceIds.map((service) => {
        const { used } = shareOf(profile, service);
        return (
          <NumberField
            key={service}
            {...form.field(service)}
            label={general.service(services[service].name, services[service].unit)}
            hint={texts.used(number(used))}
            isRequired
            min={0}
            max={most}
          />
        );
      })}
      {addonIds.map((addon) => (
        <Checkbox
          key={addon}
          name={addon}
          isSelected={form.values[addon]}
          onChange={(on) => form.set({ [addon]: on } as Partial<Record<Addon, boolean>>)}
        >
          {addons[addon]}
        </Checkbox>
      ))}
    </Form>
  );
}

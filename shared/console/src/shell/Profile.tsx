import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { createContext, useContext, useEffect } from "react";
import { profilesQuery } from "../api/queries.ts";
import type { components } from "../api/schema.d.ts";
import { Page } from "../kit/Page.tsx";
import { Loaded, NotFound } from "../kit/States.tsx";
import { lastProfile } from "../lib/theme.ts";
import { common } from "../messages/en/common.ts";

/** The profile that is open, as the list of profiles has it. */
export type OpenProfile = components["schemas"]["ProfileRow"] & {
  /** It belongs to the account that is signed in. */
  own: boolean;
};

const ProfileContext = createContext<OpenProfile | undefined>(undefined);

/** useProfile returns the profile that is open, on its pages. */
export function useProfile(): OpenProfile {
  const profile = useContext(ProfileContext);
  if (!profile) throw new Error("no profile is open");
  return profile;
}

/** What is around all pages of a profile. */
export function Profile() {
  const { profile: id } = useParams({ from: "/inside/p/$profile" });
  const query = useQuery(profilesQuery);
  const known = query.data?.some((profile) => profile.id === id);
  useEffect(() => {
    if (known) lastProfile.set(id);
  }, [id, known]);
  return (
    <Loaded query={query}>
      {(profiles) => {
        const row = profiles.find((profile) => profile.id === id);
        if (!row) {
          return (
            <Page
              title={common.notFoundTitle}
              heading={<span className="visually-hidden">{common.notFoundTitle}</span>}
            >
              <NotFound />
            </Page>
          );
        }
        return (
          <ProfileContext key={id} value={{ ...row, own: !row.from_share }}>
            <Outlet />
          </ProfileContext>
        );
      }}
    </Loaded>
  );
}

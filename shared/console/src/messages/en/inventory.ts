export const inventory = {
  title: "Tokens of all profiles",
  lead: "Every token of the profiles that you own, also those that members made.",
  show: "Tokens to show",
  filters: { all: "All", never: "Without an end", unused: "Unused", former: "Of former members" },
  profile: "Profile",
  more: "Load more",
  none: "There are none",
  about: {
    all: "Tokens that you or members make are shown here.",
    never: "Every token ends at some time.",
    unused: "Every token was made or used in the last 90 days.",
    former: "Such tokens do not work, and are removed within a quarter of an hour.",
  },
};

import { useQuery } from "@tanstack/react-query";
import Bell from "lucide-react/icons/bell";
import Plus from "lucide-react/icons/plus";
import { type ComponentProps, useState } from "react";
import { ApiError, ConnectionError } from "../src/api/errors.ts";
import { LineChart, Spark } from "../src/charts/LineChart.tsx";
import { StackBars } from "../src/charts/StackBars.tsx";
import { Badge } from "../src/kit/Badge.tsx";
import { Bar } from "../src/kit/Bar.tsx";
import { Button } from "../src/kit/Button.tsx";
import { Buttons } from "../src/kit/Buttons.tsx";
import { IconButton } from "../src/kit/IconButton.tsx";
import { Link } from "../src/kit/Link.tsx";
import { Monogram } from "../src/kit/Monogram.tsx";
import { Failure, Notice } from "../src/kit/Notice.tsx";
import { Facts, Tabs, tabClass } from "../src/kit/Page.tsx";
import { Bone, Empty, ErrorState, Forbidden, Loaded, NotFound, Skeleton } from "../src/kit/States.tsx";
import { type Sort, Table } from "../src/kit/Table.tsx";
import { Amount, CopyField, CopyId, Money, Time } from "../src/kit/Values.tsx";
import { day } from "../src/lib/days.ts";
import { Part, Row } from "./Gallery.tsx";
import { texts } from "./texts.ts";

const sent = { method: "GET", path: "/profile", key: undefined, id: "request-of-the-gallery" };
const broken = new ApiError(sent, new Response(null, { status: 500 }), '{"code":"internal","message":"It broke."}');
const at = "2030-03-14T09:26:53.589Z";
const id = "01a20c000000000000000001";
const { states } = texts;

/** The components that show something, and those that are pressed. */
export function Shown() {
  return (
    <>
      <Part of={["Button", "Buttons"]}>
        {(["primary", "secondary", "quiet", "danger", "dangerQuiet"] as const).map((kind) => (
          <Row key={kind}>
            <Button kind={kind}>{states.plain}</Button>
            <Button kind={kind} small>
              {states.small}
            </Button>
            <Button kind={kind} icon={Plus}>
              {states.icon}
            </Button>
            <Button kind={kind} isPending>
              {states.pending}
            </Button>
            <Button kind={kind} isDisabled>
              {states.disabled}
            </Button>
          </Row>
        ))}
        <Button kind="primary" wide>
          {states.wide}
        </Button>
        <Buttons>
          <Button>{texts.other}</Button>
          <Button kind="primary">{texts.action}</Button>
        </Buttons>
      </Part>
      <Part of={["IconButton", "Link", "Tabs"]}>
        <Row>
          <IconButton icon={Bell} label={states.plain} />
          <IconButton icon={Bell} label={states.small} small />
          <IconButton icon={Bell} label={states.disabled} isDisabled />
          <Link to="/profiles">{texts.name}</Link>
          <Link to="/profiles" kind="primary">
            {texts.name}
          </Link>
          <Link to="/profiles" kind="secondary" icon={Plus}>
            {texts.name}
          </Link>
        </Row>
        <Tabs label={texts.title}>
          <Link to="/" className={tabClass}>
            {states.selected}
          </Link>
          <Link to="/profiles" className={tabClass}>
            {states.plain}
          </Link>
        </Tabs>
      </Part>
      <Part of={["Badge", "Monogram", "Bar"]}>
        <Row>
          {(["plain", "accent", "good", "warn", "bad"] as const).map((tone) => (
            <Badge key={tone} tone={tone} icon={tone === "warn" ? Bell : undefined}>
              {tone}
            </Badge>
          ))}
          {[22, 24, 32, 72].map((size) => (
            <Monogram key={size} id={`${id}${size}`} name={texts.name} size={size} />
          ))}
        </Row>
        <Bar label={texts.name} used={12} limit={100} />
        <Bar label={states.near} used={1_234_567} limit={1_500_000} />
        <Bar label={states.over} used={120} limit={100} />
        <Bar label={states.blocked} used={60} limit={60} blocked words={texts.sentence} />
        <Bar label={states.none} used={0} limit={0} />
      </Part>
      <Part of={["Notice", "Failure"]}>
        {(["info", "good", "warn", "bad"] as const).map((kind) => (
          <Notice key={kind} kind={kind}>
            <strong>{kind}</strong>
            <p>{texts.sentence}</p>
          </Notice>
        ))}
        <Failure error={broken} />
        <Failure error={new ConnectionError(sent, undefined)} />
      </Part>
      <Part of={["Time", "Money", "Amount", "CopyField", "CopyId", "Facts", "Page", "Section"]}>
        <Facts
          pairs={[
            [states.plain, <Time key="moment" at={at} />],
            ["date", <Time key="date" at={at} as="date" />],
            ["second", <Time key="second" at={at} as="second" />],
            ["relative", <Time key="relative" at={at} as="relative" />],
            [states.none, <Time key="none" at={null} />],
            ["money", <Money key="money" cents={123456} />],
            ["amount", <Amount key="amount" value={1234567.89} />],
            ["id", <CopyId key="id" label={texts.name} value={id} />],
            [texts.name, texts.long],
          ]}
        />
        <CopyField label={texts.name} value={id} labelled />
      </Part>
      <Part of={["Table"]}>
        <Tables />
      </Part>
      <Part of={["LineChart", "Spark", "StackBars"]}>
        <Charts />
      </Part>
      <Part of={["Bone", "Skeleton", "Loaded"]}>
        <Skeleton>
          <Bone height="3.25rem" />
          <Bone width="40%" />
        </Skeleton>
        <States />
      </Part>
      <Part of={["Empty", "NotFound", "Forbidden", "ErrorState"]}>
        <Empty level={3} icon={Bell} title={states.empty} actions={<Button kind="primary">{texts.action}</Button>}>
          {texts.sentence}
        </Empty>
        <NotFound />
        <Forbidden>{texts.sentence}</Forbidden>
        <ErrorState error={broken} onRetry={() => {}} />
      </Part>
    </>
  );
}

type Line = { id: string; name: string; used: number };
const lines: readonly Line[] = [
  { id: "a", name: texts.name, used: 1_234_567 },
  { id: "b", name: texts.long, used: 12 },
];

function Tables() {
  const [sort, setSort] = useState<Sort>({ by: "used", down: true });
  const columns: ComponentProps<typeof Table<Line>>["columns"] = [
    { id: "name", name: texts.columns.name, primary: true, cell: ({ name }) => <Link to="/profiles">{name}</Link> },
    { id: "used", name: texts.columns.used, end: true, sortable: true, cell: ({ used }) => <Amount value={used} /> },
    { id: "state", name: texts.columns.state, cell: () => <Badge tone="good">{states.plain}</Badge> },
    {
      id: "actions",
      name: texts.columns.actions,
      action: true,
      cell: ({ name }) => <IconButton small icon={Bell} label={name} />,
    },
  ];
  return (
    <>
      <Table
        label={texts.name}
        columns={columns}
        rows={lines}
        rowKey={({ id }) => id}
        sort={sort}
        onSort={setSort}
        detail={({ id }) => id === "b" && <Notice kind="warn">{texts.sentence}</Notice>}
      />
      <Table label={states.empty} columns={columns} rows={[]} rowKey={({ id }) => id} />
    </>
  );
}

const first = Date.parse("2030-03-01T00:00:00Z");
const points = [0, 4, 9, 9, 30, 42, 61, 3, 18, 25].map((value, place) => ({ at: first + place * day, value }));

function Charts() {
  const [place, setPlace] = useState(4);
  return (
    <>
      {(["counter", "level"] as const).map((kind) => (
        <LineChart
          key={kind}
          label={kind}
          points={points}
          kind={kind}
          limit={80}
          by="day"
          at={place}
          onAt={setPlace}
          words={({ at, value }) => ({
            time: new Date(at).toISOString().slice(0, 10),
            value: String(value),
            beside: texts.beside,
          })}
        />
      ))}
      <Spark points={points} kind="counter" limit={80} by="day" />
      <StackBars
        label={texts.title}
        parts={[
          { name: states.plain, colour: 0 },
          { name: states.near, colour: 3 },
        ]}
        bars={[
          { id: "a", name: texts.name, parts: [30, 12], sum: "42" },
          { id: "b", name: texts.long, parts: [0, 7], sum: "7" },
        ]}
      />
    </>
  );
}

function States() {
  const pending = useQuery({ queryKey: ["pending"], queryFn: () => new Promise<string>(() => {}) });
  const failed = useQuery({ queryKey: ["failed"], queryFn: () => Promise.reject<string>(broken) });
  const there = useQuery({ queryKey: ["there"], queryFn: () => texts.value });
  return [pending, failed, there].map((query, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they stay what they are.
    <Loaded key={place} query={query}>
      {(text) => <p>{text}</p>}
    </Loaded>
  ));
}

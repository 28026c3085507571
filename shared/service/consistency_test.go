package service_test

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/service/core"
	"profiles/shared/store"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// row is an item of the table with its attributes as they are stored.
type row map[string]any

func (r row) text(name string) string { s, _ := r[name].(string); return s }

func (r row) number(name string) int64 {
	n, _ := r[name].(float64)
	return int64(n)
}

// owned is the number of profiles of an account, and allocated is what they
// have of its limits.
func (r row) owned() int64 {
	shares, _ := r["shares"].(map[string]any)
	return int64(len(shares))
}

func (r row) allocated() (sum plan.Amounts) {
	shares, _ := r["shares"].(map[string]any)
	for _, share := range shares {
		sum = sum.Plus(row(share.(map[string]any)).amounts("allocation"))
	}
	return sum
}

func (r row) amounts(name string) (a plan.Amounts) {
	all, _ := r[name].(map[string]any)
	for _, s := range plan.Services() {
		n, _ := all[s.String()].(float64)
		a[s] = int64(n)
	}
	return a
}

func scan(w *testkit.World) (rows []row) {
	w.Helper()
	pages := dynamodb.NewScanPaginator(w.Client,
		&dynamodb.ScanInput{TableName: &w.Table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.Context())
		w.OK(err)
		for _, it := range page.Items {
			var r row
			w.OK(attributevalue.UnmarshalMap(it, &r))
			rows = append(rows, r)
		}
	}
	return rows
}

// allMails are the mails that were delivered, and those that wait for their
// delivery, oldest first.
func allMails(w *testkit.World, rows []row) []mailing.Message {
	out := w.Outbox.Sent()
	for _, r := range rows {
		sealed, waits := r["sealed"].([]byte)
		if r.text("SK") != "O" || !waits {
			continue
		}
		m := mailing.Message{ID: mailing.ID(r.text("id")),
			Kind: mailing.Kind(r.text("kind")), To: r.text("to")}
		m.Created = time.UnixMilli(r.number("created")).UTC()
		m, err := core.OpenMail(testkit.Keys, store.OutboxMail{Message: m, Sealed: sealed})
		w.OK(err)
		out = append(out, m)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Created.Before(out[j].Created) })
	return out
}

// checkWorld fails the test unless all items that say the same thing agree:
// owners, grants and teams; counts and allocations; transfers with their
// claims, rows, queue and due entries; cuts; mails. The accounts in lowered may
// have more profiles than their plan allows.
func checkWorld(w *testkit.World, lowered ...value.AccountID) {
	w.Helper()
	rows := scan(w)
	for _, wrong := range inconsistent(rows, allMails(w, rows), lowered...) {
		w.Error(wrong)
	}
}

// inside is a table in parts, with a list of what is wrong in it.
type inside struct {
	accounts, profiles, transfers map[string]row
	grants, team                  map[string]map[string]row // by profile and account
	reservations                  map[string]string         // the ticket of a profile
	queue                         map[string]int
	cuts                          map[string][]row // by ticket
	listed                        map[string]int   // by "account ticket" and "address ticket"
	wrong                         []string
}

func (in *inside) say(format string, args ...any) {
	in.wrong = append(in.wrong, fmt.Sprintf(format, args...))
}

func inconsistent(rows []row, emails []mailing.Message, lowered ...value.AccountID) []string {
	in := partsOf(rows)
	in.judgeProfiles(lowered)
	in.judgeTransfers()
	in.judgeMails(emails)
	return in.wrong
}

func partsOf(rows []row) *inside {
	in := &inside{
		accounts: map[string]row{}, profiles: map[string]row{}, transfers: map[string]row{},
		grants: map[string]map[string]row{}, team: map[string]map[string]row{},
		reservations: map[string]string{}, queue: map[string]int{},
		cuts: map[string][]row{}, listed: map[string]int{},
	}
	into := func(m map[string]map[string]row, a, b string, r row) {
		if m[a] == nil {
			m[a] = map[string]row{}
		}
		m[a][b] = r
	}
	for _, r := range rows {
		pk, sk := r.text("PK"), r.text("SK")
		_, id, _ := strings.Cut(pk, "#")
		switch {
		case strings.HasPrefix(pk, "A#") && sk == "A":
			in.accounts[id] = r
		case strings.HasPrefix(pk, "A#") && strings.HasPrefix(sk, "P#"):
			into(in.grants, sk[2:], id, r)
		case strings.HasPrefix(pk, "A#") && strings.HasPrefix(sk, "X#"), strings.HasPrefix(pk, "E#") &&
			strings.HasPrefix(sk, "X#"):
			in.listed[id+" "+r.text("ticket")]++
		case strings.HasPrefix(pk, "P#") && sk == "P":
			in.profiles[id] = r
		case strings.HasPrefix(pk, "P#") && sk == "X":
			in.reservations[id] = r.text("ticket")
		case strings.HasPrefix(pk, "P#") && strings.HasPrefix(sk, "M#") && r["active"] == true:
			into(in.team, id, r.text("account"), r)
		case strings.HasPrefix(pk, "P#") && strings.HasPrefix(sk, "C#"):
			in.cuts[r.text("ticket")] = append(in.cuts[r.text("ticket")], r)
		case strings.HasPrefix(pk, "X#"):
			in.transfers[id] = r
		case strings.HasPrefix(pk, "Q#"):
			in.queue[r.text("ticket")]++
		}
	}
	return in
}

// judgeProfiles checks profiles, their grants, and the counts of accounts.
func (in *inside) judgeProfiles(lowered []value.AccountID) {
	counted, allocated := map[string]int64{}, map[string]plan.Amounts{}
	for id, p := range in.profiles {
		owner := p.text("owner")
		counted[owner]++
		allocated[owner] = allocated[owner].Plus(p.amounts("allocation"))
		a, ok := in.accounts[owner]
		if ok && (a.text("plan") != p.text("plan") || a.number("epoch") != p.number("ownerEpoch")) {
			in.say("profile %s copies the plan %s and epoch %d of its owner, which are %s and %d", id, p.text("plan"), p.number("ownerEpoch"), a.text("plan"), a.number("epoch"))
		}
		if a, ok := in.accounts[owner]; ok && a.number("sessions") != p.number("ownerSessions") {
			in.say("profile %s copies the sessions %d of its owner, which are %d", id, p.number("ownerSessions"), a.number("sessions"))
		}
		holders := slices.Sorted(maps.Keys(in.grants[id]))
		entitled := slices.Sorted(maps.Keys(in.team[id]))
		if slices.Contains(entitled, owner) {
			in.say("the owner of profile %s is a member of it", id)
		}
		entitled = append(entitled, owner)
		slices.Sort(entitled)
		if !slices.Equal(holders, entitled) {
			in.say("profile %s has grants for %v, want its owner and members %v", id, holders, entitled)
		}
		owners := 0
		for account, g := range in.grants[id] {
			want := row{"permission": "full", "epoch": p["epoch"]}
			if account == owner {
				owners++
			} else if m := in.team[id][account]; m != nil {
				want = row{"permission": m["permission"], "epoch": m["epoch"]}
			}
			if g.text("owner") != owner || g.text("name") != p.text("name") || g["permission"] != want["permission"] ||
				g["epoch"] != want["epoch"] {
				in.say("the grant of %s on profile %s is %v, want the owner %s, the name %s and %v", account, id, g, owner, p.text("name"), want)
			}
		}
		if owners != 1 {
			in.say("profile %s has %d grants of its owner, want 1", id, owners)
		}
	}
	for id := range in.grants {
		if in.profiles[id] == nil {
			in.say("there are grants on profile %s, which does not exist", id)
		}
	}
	for id := range in.team {
		if in.profiles[id] == nil {
			in.say("there are members of profile %s, which does not exist", id)
		}
	}
	for id, a := range in.accounts {
		if a["active"] != true {
			continue
		}
		if a.owned() != counted[id] || a.allocated() != allocated[id] {
			in.say("account %s (%s) counts %d profiles with %v, and has %d with %v", id, a.text("name"), a.owned(), a.allocated(), counted[id], allocated[id])
		}
		if slices.Contains(lowered, value.AccountID(id)) {
			continue
		}
		if limit := plan.Plan(a.text("plan")).Limits().Profiles; counted[id] > int64(limit) {
			in.say("account %s (%s) has %d profiles, over the %d of its plan", id, a.text("name"), counted[id], limit)
		}
		if !allocated[id].Within(a.amounts("limits")) {
			in.say("account %s (%s) has allocated %v of %v", id, a.text("name"), allocated[id], a.amounts("limits"))
		}
	}
}

// judgeTransfers checks transfers and the items that point to them.
func (in *inside) judgeTransfers() {
	open, rowsWanted := map[string]string{}, map[string]int{}
	for id, t := range in.transfers {
		isOpen := t.text("state") == "requested"
		if isOpen {
			if before := open[t.text("profile")]; before != "" {
				in.say("profile %s has two open transfers, %s and %s", t.text("profile"), before, id)
			}
			open[t.text("profile")] = id
			if p := in.profiles[t.text("profile")]; p == nil || p.text("owner") != t.text("source") {
				in.say("the open transfer %s is of the profile %v, which is not its source's", id, p)
			}
		}
		if due := t["duePK"] != nil; due != isOpen || due != (t["dueSK"] != nil) {
			in.say("transfer %s is %s, with a due entry: %v", id, t.text("state"), due)
		}
		if (in.queue[id] == 1) != isOpen || in.queue[id] > 1 {
			in.say("transfer %s is %s, and %d times in the desk's queue", id, t.text("state"), in.queue[id])
		}
		if (t.number("ended") == 0) != isOpen || (t.number("ttl") == 0) != isOpen {
			in.say("transfer %s is %s, ended at %d and is forgotten at %d", id, t.text("state"), t.number("ended"), t.number("ttl"))
		}
		rowsWanted[t.text("source")+" "+id]++
		switch to := t.text("destination"); {
		case to != "":
			rowsWanted[to+" "+id]++
		case isOpen:
			rowsWanted[t.text("email")+" "+id]++
		}
		wantCuts := 0
		if t.text("state") == "completed" {
			wantCuts = 1
		}
		if p := in.profiles[t.text("profile")]; len(in.cuts[id]) != wantCuts {
			// The cuts of a deleted profile stay.
			in.say("transfer %s is %s, with %d cuts; its profile is %v", id, t.text("state"), len(in.cuts[id]), p)
		}
		for _, cut := range in.cuts[id] {
			// The cut is a little later than the end of the transfer if the
			// clock that ended the transfer was behind another one.
			late := cut.number("time") - t.number("ended")
			if cut.text("from") != t.text("source") || cut.text("to") != t.text("destination") || late < 0 || late > 10 {
				in.say("transfer %s has the cut %v", id, cut)
			}
		}
		if events, _ := t["timeline"].([]any); !isOpen {
			last, _ := events[len(events)-1].(map[string]any)
			if last["what"] != "ended" {
				in.say("the timeline of transfer %s ends with %v", id, last)
			}
		}
	}
	if !maps.Equal(open, in.reservations) {
		in.say("the open transfers by profile are %v, the reservations %v", open, in.reservations)
	}
	if !maps.Equal(in.listed, rowsWanted) {
		in.say("the lists have %v, want %v", in.listed, rowsWanted)
	}
	for id := range in.queue {
		if in.transfers[id] == nil {
			in.say("the desk's queue has the ticket %s, which does not exist", id)
		}
	}
}

// judgeMails finds mails that a person gets twice, and mails that are missing.
func (in *inside) judgeMails(emails []mailing.Message) {
	once := map[string]int{}
	for _, m := range emails {
		if m.ID == "" {
			in.say("a mail has no id")
		}
		once[string(m.ID)]++
		switch m.Kind {
		case mailing.KindTransferRequested, mailing.KindTransferOffered,
			mailing.KindTransferOfferedNew, mailing.KindTransferDesk,
			mailing.KindTransferEnded, mailing.KindTransferGiven, mailing.KindTransferReceived,
			mailing.KindTransferReturned,
			mailing.KindTransferBack, mailing.KindTransferBackDesk:
			// A person gets at most one mail of these kinds about a ticket.
			once[string(m.Kind)+" "+m.To+" "+m.Data["ticket"]]++
		case mailing.KindTransferRemindOwner, mailing.KindTransferRemindReceiver,
			mailing.KindTransferRemindDesk:
			once[string(m.Kind)+" "+m.To+" "+m.Data["ticket"]+" "+m.Created.String()]++
		}
	}
	for mail, n := range once {
		if n > 1 {
			in.say("the mail %q exists %d times", mail, n)
		}
	}
	// Every end of a transfer is notified to both sides, whether or not the
	// profile moves.
	for id, t := range in.transfers {
		given := once["transfer-given "+addressOf(in.accounts, t.text("source"))+" "+id]
		back := once["transfer-returned "+addressOf(in.accounts, t.text("source"))+" "+id]
		moved := t.text("state") == "completed"
		if addressOf(in.accounts, t.text("source")) != "" && moved != (given+back > 0) {
			in.say("transfer %s is %s, and its owner got %d mails about a move", id, t.text("state"), given+back)
		}
	}
}

func addressOf(accounts map[string]row, id string) string { return accounts[id].text("email") }

package seed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"profiles/infra/demo"
	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/secret"
	"profiles/shared/service"
	"profiles/shared/service/operator"
	"profiles/shared/service/tokens"
	"profiles/shared/tenancy"
	"profiles/shared/value"
)

// withHistory are the accounts with a history, Nora and Omar.
var withHistory = []Account{
	{
		operator.Seed{Name: "Nora", Email: "nora@example.com"},
		"owner, Scale: demo data of the last weeks, in four profiles and one of Omar's",
	},
	{
		operator.Seed{Name: "Omar", Email: "omar@example.com"},
		"owner, Starter: member of Nora's Demo greenhouse, and offered her Demo archive",
	},
}

// Mark begins the name of each profile of the history, so that every screen
// says that what it shows is made up.
const Mark = "Demo "

const (
	// historyDays is how long before the end the history begins: more than the
	// longest month, so that one cycle is complete.
	historyDays = 40
	// mailDays is how far back mails reach the mailbox: the links of older ones
	// work no longer.
	mailDays = 3
	day      = 24 * time.Hour
)

// history makes what happened to the accounts of Nora and Omar. Its clock is
// set by hand.
type history struct {
	*service.Services
	clock *time.Time
	end   time.Time
	mails *mails

	nora, omar person
	profiles   map[string]value.ProfileID // by name without the mark
	events     []event
}

// event is something that happens, so long before the end.
type event struct {
	ago time.Duration
	do  func(context.Context) error
}

type person struct {
	email  value.Email
	client service.Client
	home   value.ProfileID
}

// to is the person as one who sends a request to an operation.
func (p person) to(o operation.Operation) service.Client { return p.client.For(o.Access) }

// mails keeps the mails that are delivered, and hands on those of the last
// days.
type mails struct {
	kept []mailing.Message
	next service.Mailer
	from time.Time
}

// Deliver implements service.Mailer.
func (m *mails) Deliver(ctx context.Context, mail mailing.Message) error {
	m.kept = append(m.kept, mail)
	if mail.Created.Before(m.from) {
		return nil
	}
	return m.next.Deliver(ctx, mail)
}

// code returns the code in the last mail to somebody.
func (m *mails) code(to value.Email, kind mailing.Kind) (string, error) {
	for i := len(m.kept) - 1; i >= 0; i-- {
		if mail := m.kept[i]; mail.To == string(to) && mail.Kind == kind {
			return mail.Data["code"], nil
		}
	}
	return "", fmt.Errorf("no mail of the kind %s was sent to %s", kind, to)
}

// newHistory returns the services with a clock. Passwords of the demo are known
// to everybody, so that their hashes are made at the least cost: each token
// asks for one.
func newHistory(c Config) *history {
	h := &history{
		clock:    new(time.Time),
		end:      c.Now,
		mails:    &mails{next: c.Mailer, from: c.Now.Add(-mailDays * day)},
		profiles: map[string]value.ProfileID{},
	}
	h.Services = service.New(service.Config{
		Store:      c.Store,
		Keys:       c.Keys,
		Mailer:     h.mails,
		Now:        func() time.Time { return *h.clock },
		Passwords:  secret.Passwords{Memory: 8, Passes: 1},
		Log:        slog.New(slog.DiscardHandler),
		Background: func(do func()) { do() },
	})
	return h
}

// at plans an event, so long before the end.
func (h *history) at(ago time.Duration, do func(context.Context) error) {
	h.events = append(h.events, event{ago, do})
}

// happen runs the events, the earliest first: the clock goes forward only, as
// renewals and limits depend on what happened before.
func (h *history) happen(ctx context.Context) error {
	slices.SortStableFunc(h.events, func(a, b event) int { return cmp.Compare(b.ago, a.ago) })
	for _, e := range h.events {
		*h.clock = h.end.Add(-e.ago)
		if err := e.do(ctx); err != nil {
			return fmt.Errorf("%s before the end: %w", e.ago, err)
		}
	}
	return nil
}

// makeHistory makes the history, unless it was begun before: that is left as it
// is, as it can be made in its order only.
func makeHistory(ctx context.Context, c Config, begun bool) error {
	if begun {
		c.Log.Warn("the demo's history was cut short and stays as it is: " +
			"remove the folder DATA for a whole one")
		return nil
	}
	h := newHistory(c)
	h.at((historyDays+1)*day, h.accounts)
	h.at(historyDays*day, h.plans)
	h.at(historyDays*day-10*time.Minute, h.services)
	h.at(historyDays*day-20*time.Minute, h.profilesOfNora)
	h.teams()
	h.tokens()
	h.use()
	h.today()
	h.at(90*time.Minute, h.offer)
	h.at(0, h.lastWords)
	return h.happen(ctx)
}

// accounts makes the accounts. Each has a token that this package works with.
func (h *history) accounts(ctx context.Context) (err error) {
	if h.nora, err = h.account(ctx, withHistory[0].Seed, "Europe/Berlin"); err != nil {
		return err
	}
	h.omar, err = h.account(ctx, withHistory[1].Seed, "Europe/Lisbon")
	return err
}

func (h *history) account(
	ctx context.Context,
	from operator.Seed,
	zone string,
) (person, error) {
	from.Password = demo.Password
	account, home, err := h.Operator.CreateAccount(ctx, from)
	if err != nil {
		return person{}, err
	}
	p := person{email: account.Email, home: home.ID}
	made, err := h.Tokens.CreateAtLogin(
		ctx,
		service.Client{Source: office},
		p.token(home.ID, "Terminal", "full", "never"),
	)
	if err != nil {
		return p, err
	}
	p.client = clientOf(made.Text, office, "curl/8.14")
	company := "Demo data of the local stack"
	return p, h.Accounts.Edit(
		ctx,
		p.to(operation.AccountEdit),
		tenancy.AccountEdit{Timezone: &zone, Company: &company},
	)
}

func (p person) token(profile value.ProfileID, name, permission, expires string) tokens.NewToken {
	return tokens.NewToken{
		Profile:     service.ProfileRef{ID: profile},
		Email:       string(p.email),
		Credentials: service.Credentials{Password: demo.Password},
		Name:        name,
		Permission:  permission,
		Expires:     expires,
	}
}

func clientOf(token, source, agent string) service.Client {
	key, _ := secret.Parse(token)
	return service.Client{Token: key, Source: source, Agent: agent}
}

// plans has Nora and Omar buy their plans.
func (h *history) plans(ctx context.Context) error {
	scale, starter := plan.Scale, plan.Starter
	edit := operation.SubscriptionEdit
	return errors.Join(
		h.Billing.Edit(ctx, h.nora.to(edit), billing.SubscriptionEdit{Plan: &scale}),
		h.Billing.Edit(ctx, h.omar.to(edit), billing.SubscriptionEdit{Plan: &starter}),
	)
}

// services has Nora buy more of the services.
func (h *history) services(ctx context.Context) error {
	edit := billing.SubscriptionEdit{Services: limits}
	return h.Billing.Edit(ctx, h.nora.to(operation.SubscriptionEdit), edit)
}

// profilesOfNora makes the profiles and divides the services over them.
func (h *history) profilesOfNora(ctx context.Context) error {
	allocation := map[value.ProfileID]map[plan.Service]int64{}
	for i, p := range sites {
		if p.name == orchard {
			continue
		}
		id, name := h.nora.home, Mark+p.name
		var err error
		if i == 0 {
			err = h.Profiles.Edit(
				ctx,
				h.nora.to(operation.ProfileEdit),
				service.ProfileRef{ID: id},
				tenancy.ProfileEdit{Name: &name},
			)
		} else {
			*h.clock = h.clock.Add(time.Second)
			id, err = h.Profiles.Create(ctx, h.nora.to(operation.ProfileCreate), name, false)
		}
		if err != nil {
			return err
		}
		h.profiles[p.name] = id
		allocation[id] = map[plan.Service]int64{}
		for _, s := range plan.Services() {
			allocation[id][s] = p.allocated(s)
		}
	}
	h.profiles[orchard] = h.omar.home
	name := Mark + orchard
	return errors.Join(
		h.Billing.Allocate(ctx, h.nora.to(operation.AllocationEdit), allocation),
		h.Billing.EditAddons(
			ctx,
			h.nora.to(operation.AddonEdit),
			service.ProfileRef{ID: h.profiles[greenhouse]},
			map[plan.Addon]bool{plan.AddonCustomDNS: true},
		),
		h.Profiles.Edit(
			ctx,
			h.omar.to(operation.ProfileEdit),
			service.ProfileRef{ID: h.omar.home},
			tenancy.ProfileEdit{Name: &name},
		),
	)
}

// lastWords says in Nora's notifications what all of this is, and delivers the
// mails that wait.
func (h *history) lastWords(ctx context.Context) error {
	if _, err := h.Notifications.Create(
		ctx,
		h.nora.to(operation.NotificationCreate),
		"This account has demo data",
		"Everything in the profiles whose names begin with "+strings.TrimSpace(Mark)+
			" is made up. Start the stack with DEMO=0 and an empty DATA to do without it.",
		false,
	); err != nil {
		return err
	}
	_, err := h.Outbox.Retry(ctx)
	return err
}

package operation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"profiles/shared/operation"
	"profiles/shared/plan"
	"profiles/shared/problem"
	"profiles/shared/service"
	"profiles/shared/tenancy"
	"profiles/shared/testkit"
	"profiles/shared/value"
)

// untold are the reads that tell of a deletion and of its undoing, with where.
var untold = map[string]string{
	operation.AccountAuditGet.Name: "the audit log of the account has both",
	operation.AccountGet.Name:      "its updated_at is when a profile came back",
}

// reads are what the reads of the catalogue answer that need no more than a
// profile, by operation and path.
func reads(w *testkit.World, p testkit.Person, id value.ProfileID) map[string]string {
	w.Helper()
	out := map[string]string{}
	for _, o := range operation.All() {
		if o.Trigger != operation.HTTP || o.Static || untold[o.Name] != "" ||
			o.Access == operation.Anonymous || o.Acts {
			continue
		}
		for _, route := range o.Routes {
			path := strings.Replace(route.Path, "{id}", string(id), 1)
			if route.Method != http.MethodGet || strings.Contains(path, "{") {
				continue
			}
			if a := w.Call(o, route.Method, path, p.Token, nil); a.Code == http.StatusOK {
				out[o.Name+" "+route.Path] = a.Body
			}
		}
	}
	return out
}

// dressed makes a second profile of ana with something in each of its lists.
func dressed(w *testkit.World, ana testkit.Person) value.ProfileID {
	w.Helper()
	ben := w.Quick("ben")
	id := ana.Profile("second")
	path := "/profile/" + string(id)
	for _, c := range []struct {
		o            operation.Operation
		method, path string
		body         any
	}{
		{operation.ProfileLogoSet, "PUT", "/logo", object{"image": drawn(1)}},
		{operation.ProfileEdit, "PUT", "", object{"name": "Plant B"}},
		{operation.WebhookCreate, "POST", "/webhook", object{"url": "https://example.com"}},
	} {
		if a := w.Call(c.o, c.method, path+c.path, ana.Token, c.body); a.Code != http.StatusOK {
			w.Fatalf("%s: got %d %q", c.o.Name, a.Code, a.Message)
		}
	}
	w.OK(w.Billing.EditAddons(w.Context(), ana.Client(operation.AddonEdit),
		service.ProfileRef{ID: id}, map[plan.Addon]bool{plan.AddonMobile: true}))
	w.OK(w.Billing.Allocate(w.Context(), ana.Client(operation.AllocationEdit),
		map[value.ProfileID]map[plan.Service]int64{
			ana.Home: {plan.ServiceInput: 50}, id: {plan.ServiceInput: 7},
		}))
	w.Share(id, ben, tenancy.PermissionRead)
	ana.Mint(id, "never")
	ana.Limited(id, tenancy.TokenLimits{Scope: ptr("profile"), AllowList: ptr([]string{"192.0.2.0/24"})})
	ben.Mint(id, "")
	return id
}

// A profile that was deleted and restored answers each read of the catalogue as
// before, byte for byte.
func TestUndeleteRestoresEveryListByteForByte(t *testing.T) {
	t.Parallel()
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	ana.Token = ana.Mint(ana.Home, "never")
	id := dressed(w, ana)
	w.Advance(3 * 24 * time.Hour)
	before := reads(w, ana, id)
	path := "/profile/" + string(id)
	gone := w.Call(operation.ProfileDelete, "DELETE", path, ana.Token,
		object{"password": testkit.Password})
	if gone.Code != http.StatusOK {
		t.Fatalf("the deletion: got %d %q", gone.Code, gone.Message)
	}
	for name := range reads(w, ana, id) {
		if strings.Contains(name, "/profile/{id}") {
			t.Errorf("%s answers for a deleted profile", name)
		}
	}
	back := w.Call(operation.ProfileRestore, "POST", path+"/restore", ana.Token, nil)
	if back.Code != http.StatusOK {
		t.Fatalf("the restoration: got %d %q", back.Code, back.Message)
	}
	after := reads(w, ana, id)
	of := 0
	for name, was := range before {
		if after[name] != was {
			t.Errorf("%s answers\n%s\nwant\n%s", name, after[name], was)
		}
		if strings.Contains(name, "/profile/{id}") {
			of++
		}
	}
	if of < 9 {
		t.Errorf("only %d reads of a profile are compared", of)
	}
}

// A profile comes back only where there is room for it.
func TestRestoringAProfileRefuses(t *testing.T) {
	t.Parallel()
	for want, meanwhile := range map[problem.Reason]func(*testkit.World, testkit.Person){
		problem.ReasonProfilesFull: func(w *testkit.World, ana testkit.Person) {
			planOf(w, ana, plan.Free)
		},
		problem.ReasonAllocationLacks: func(w *testkit.World, ana testkit.Person) {
			w.Call(operation.ProfileCreate, "POST", "/profile?allocate_free_resources=true",
				ana.Token, object{"name": "next"})
			batch := w.Store.Batch()
			found := batch.Account(ana.ID)
			w.OK(batch.Get(w.Context()))
			next := found.Value
			for other := range next.Shares {
				if other != ana.Home {
					w.OK(w.Billing.Allocate(w.Context(), ana.Client(operation.AllocationEdit),
						map[value.ProfileID]map[plan.Service]int64{
							ana.Home: {plan.ServiceInput: 0},
							other:    {plan.ServiceInput: next.Limits[plan.ServiceInput]},
						}))
				}
			}
		},
		problem.ReasonNotFound: func(w *testkit.World, _ testkit.Person) {
			w.Advance(tenancy.ProfileUndo)
		},
	} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			w := testkit.NewModelled(t)
			ana := w.Quick("ana")
			ana.Token = ana.Mint(ana.Home, "never")
			path := "/profile/" + string(dressed(w, ana))
			w.Call(operation.ProfileDelete, "DELETE", path, ana.Token,
				object{"password": testkit.Password})
			meanwhile(w, ana)
			got := w.Call(operation.ProfileRestore, "POST", path+"/restore", ana.Token, nil)
			if got.Reason != want {
				t.Errorf("got %d %s %q, want %s", got.Code, got.Reason, got.Message, want)
			}
		})
	}
	w := testkit.NewModelled(t)
	ana := w.Quick("ana")
	got := w.Call(operation.ProfileRestore, "POST", "/profile/current/restore", ana.Token, nil)
	if got.Code != http.StatusNotFound {
		t.Errorf("the current profile: got %d %q", got.Code, got.Message)
	}
}

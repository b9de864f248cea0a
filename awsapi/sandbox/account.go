package sandbox

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// Account is the account that a sandbox begins with.
const Account = "000000000000"

// account is one AWS account: nothing in it is seen from another one, but for what
// a role or a bucket there lets in. Names of buckets are everybody's.
type account struct {
	Number   string     `json:"account,omitempty"` // 12 digits
	Admin    Keys       `json:"admin"`
	AdminID  string     `json:"adminId"` // the administrator's UserId, AIDA...
	Anchors  []*anchor  `json:"anchors"`
	Profiles []*profile `json:"profiles"`
	CRLs     []*crl     `json:"crls"`
	Subjects []*subject `json:"subjects"`
	Roles    []*role    `json:"roles"`
	Users    []*user    `json:"users,omitempty"`
	Policies []*managed `json:"policies,omitempty"` // the account's own managed policies
	Buckets  []*bucket  `json:"buckets,omitempty"`
	Events   []*event   `json:"events"`
}

// accounts are all, the one that the sandbox began with first.
func (st *state) accounts() []*account { return append([]*account{&st.account}, st.Others...) }

// accountNamed finds an account by its number; nil if the sandbox has it not.
func (s *Sandbox) accountNamed(number string) *account {
	return find(s.state.accounts(), func(a *account) bool { return a.Number == number })
}

// newAccount is an account with an administrator and a bucket for practice.
func (s *Sandbox) newAccount(number string) account {
	sample := SampleBucket
	if number != Account {
		sample += "-" + number // the name of a bucket is taken for all accounts
	}
	return account{
		Number:  number,
		Admin:   Keys{AccessKeyID: s.token("AKIASANDBOX", 20), SecretAccessKey: s.secret()},
		AdminID: s.token("AIDA", 21),
		Buckets: []*bucket{{Name: sample, Region: DefaultRegion, CreatedAt: s.cfg.Now().UTC()}},
	}
}

// ValidAccount says why number cannot be that of an AWS account; nil if it can.
// Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
func ValidAccount(number string) error {
	if !regexp.MustCompile(`^[0-9]{12}$`).MatchString(number) {
		return fmt.Errorf("account %q: must be 12 digits", number)
	}
	return nil
}

// AdminOf returns the keys of the administrator of an account, making the account
// if the sandbox has it not. Empty means the account that the sandbox began with.
func (s *Sandbox) AdminOf(number string) (Keys, error) {
	number = cmp.Or(number, Account)
	if err := ValidAccount(number); err != nil {
		return Keys{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accountNamed(number) == nil {
		if len(s.state.Others) >= maxAccounts {
			return Keys{}, fmt.Errorf("make account %s: the sandbox has %d already", number, maxAccounts)
		}
		made := s.newAccount(number)
		s.state.Others = append(s.state.Others, &made)
		if err := s.save(); err != nil {
			return Keys{}, fmt.Errorf("make account %s: %w", number, err)
		}
	}
	return s.accountNamed(number).Admin, nil
}

// maxAccounts keeps state.json small.
const maxAccounts = 100

// roleByARN finds a role in whatever account it is.
func (s *Sandbox) roleByARN(arn string) *role {
	for _, a := range s.state.accounts() {
		if r := find(a.Roles, func(r *role) bool { return r.arn() == arn }); r != nil {
			return r
		}
	}
	return nil
}

// bucketNamed finds a bucket in whatever account it is.
func (s *Sandbox) bucketNamed(name string) (*bucket, *account) {
	for _, a := range s.state.accounts() {
		if b := find(a.Buckets, func(b *bucket) bool { return b.Name == name }); b != nil {
			return b, a
		}
	}
	return nil, nil
}

// accountOf is the account in an ARN; empty where it names none, as that of a
// bucket or of one of AWS's own policies.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || ValidAccount(parts[4]) != nil {
		return ""
	}
	return parts[4]
}

// foreign says that an action is about something of another account.
func (c *call) foreign(action, resource string) bool {
	if name, ok := strings.CutPrefix(resource, "arn:aws:s3:::"); ok && action != "s3:CreateBucket" { // a new bucket is the caller's own
		name, _, _ = strings.Cut(name, "/")
		_, owner := c.bucketNamed(name)
		return owner != nil && owner != c.account
	}
	owner := accountOf(resource)
	return owner != "" && owner != c.account.Number
}

// blobs are the names of the files that the objects of all accounts are in.
func (st *state) blobs() []string {
	var all []string
	for _, a := range st.accounts() {
		for _, b := range a.Buckets {
			for _, o := range b.Objects {
				all = append(all, o.Blob)
			}
			for _, u := range b.Uploads {
				for _, p := range u.Parts {
					all = append(all, p.Blob)
				}
			}
		}
	}
	return all
}

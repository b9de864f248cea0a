package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"
)

// What a running sandbox is told from outside AWS's protocols. No AWS service has
// such paths. Only who can read the sandbox's state knows the secret that orders
// need, and a browser cannot send that header across origins.
const (
	statusPath = "/.anywhere/sandbox"
	breakPath  = statusPath + "/break"
	resetPath  = statusPath + "/reset"
	makePath   = statusPath + "/account"
)

// announcement is what a running sandbox says at statusPath.
type announcement struct {
	StateID string `json:"stateId"`
}

// order is what it is told, and what it answers.
type order struct {
	Fault   string  `json:"fault,omitempty"`
	Seed    *uint64 `json:"seed,omitempty"`
	Account string  `json:"account,omitempty"`
	Did     string  `json:"did,omitempty"`
	Error   string  `json:"error,omitempty"`
}

func (s *Sandbox) control(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	send := func(status int, v any) {
		data, _ := json.Marshal(v)
		w.WriteHeader(status)
		w.Write(data)
	}
	if r.URL.Path == statusPath {
		send(http.StatusOK, announcement{s.StateID()})
		return
	}
	secret := "Bearer " + s.Admin().SecretAccessKey
	if r.Method != http.MethodPost || !hmac.Equal([]byte(r.Header.Get("Authorization")), []byte(secret)) {
		send(http.StatusForbidden, order{Error: "the administrator's secret is missing"})
		return
	}
	var in order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&in); err != nil {
		send(http.StatusBadRequest, order{Error: "read order: " + err.Error()})
		return
	}
	var err error
	switch {
	case r.URL.Path == resetPath:
		err = s.Reset()
	case r.URL.Path == makePath:
		_, err = s.AdminOf(in.Account)
	case in.Seed != nil:
		err = s.SetSeed(*in.Seed)
	case r.URL.Path == breakPath:
		in.Did, err = s.Break(in.Fault)
	default:
		err = errors.New("no such order")
	}
	if err != nil {
		send(http.StatusConflict, order{Error: err.Error()})
		return
	}
	send(http.StatusOK, in)
}

// Reset empties the sandbox: everything in it is gone, with all
// accounts but the first, and the keys of that one's administrator are new.
func (s *Sandbox) Reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.state
	if err := s.begin(); err != nil {
		return fmt.Errorf("reset sandbox: %w", err)
	}
	s.savedAt = time.Time{}
	for _, name := range before.blobs() {
		_ = s.cfg.Disk.Remove(s.blobPath(name)) // nothing names it any more
	}
	return nil
}

// Break is [Sandbox.Break] in whatever process serves.
func (r *Running) Break(ctx context.Context, name string) (did string, err error) {
	if r.Serves() {
		return r.Sandbox.Break(name)
	}
	out, err := r.tell(ctx, breakPath, order{Fault: name})
	return out.Did, err
}

// SetSeed is [Sandbox.SetSeed] in whatever process serves.
func (r *Running) SetSeed(ctx context.Context, seed uint64) error {
	if r.Serves() {
		return r.Sandbox.SetSeed(seed)
	}
	_, err := r.tell(ctx, breakPath, order{Seed: &seed})
	return err
}

// Reset is [Sandbox.Reset] in whatever process serves.
func (r *Running) Reset(ctx context.Context) error {
	if r.Serves() {
		err := r.Sandbox.Reset()
		r.Admin = r.Sandbox.Admin()
		return err
	}
	_, err := r.tell(ctx, resetPath, order{})
	return err
}

// AdminOf is [Sandbox.AdminOf] in whatever process serves. Keys do not go over the
// wire: the state, which the order has brought to the disk, has them.
func (r *Running) AdminOf(ctx context.Context, number string) (Keys, error) {
	if r.Serves() {
		return r.Sandbox.AdminOf(number)
	}
	if _, err := r.tell(ctx, makePath, order{Account: number}); err != nil {
		return Keys{}, err
	}
	st, err := readState(r.dir)
	if err != nil {
		return Keys{}, err
	}
	for _, a := range st.accounts() {
		if a.Number == cmp.Or(number, Account) {
			return a.Admin, nil
		}
	}
	return Keys{}, fmt.Errorf("find account %s in the sandbox: its state does not have it", number)
}

// tell gives an order to the process that serves. No proxy comes between.
func (r *Running) tell(ctx context.Context, path string, in order) (out order, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	data, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+path, bytes.NewReader(data))
	if err != nil {
		return out, err
	}
	req.Header.Set("Authorization", "Bearer "+r.Admin.SecretAccessKey)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return out, fmt.Errorf("tell the sandbox at %s: %w", r.URL, err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&out); err != nil {
		return out, fmt.Errorf("tell the sandbox at %s: %w", r.URL, err)
	}
	if out.Error != "" {
		return out, errors.New(out.Error)
	}
	return out, nil
}

// blobPath is where the bytes of an object are.
func (s *Sandbox) blobPath(name string) string { return filepath.Join(s.cfg.Dir, "objects", name) }

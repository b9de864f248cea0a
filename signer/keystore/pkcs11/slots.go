package pkcs11

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"anywhere/signer/keystore/hardware"
	"anywhere/signer/keystore/pkcs11uri"
)

// matching returns the slots that uri may mean. If there is none the library looks
// once more from the start: some never see a token that is plugged in later.
func matching(m Module, uri pkcs11uri.URI) ([]Slot, error) {
	slots, err := seen(m, uri)
	if e, ok := errors.AsType[*hardware.Error](err); ok && e.Reason == hardware.NoToken && m.Reset() == nil {
		slots, err = seen(m, uri)
	}
	return slots, err
}

// seen returns the slots that uri may mean. None is an error that says what there
// is instead.
func seen(m Module, uri pkcs11uri.URI) ([]Slot, error) {
	library, err := m.Library()
	if err != nil {
		return nil, fault(uri, hardware.Failed, "the module does not say what it is", "", err)
	}
	slots, err := m.Slots()
	if err != nil {
		return nil, fault(uri, hardware.Failed, "the module does not list its tokens", "", err)
	}
	if !isLibrary(library, uri) {
		return nil, fault(uri, hardware.NoToken, fmt.Sprintf("the module is another: %q of %q, version %s", library.Description, library.Manufacturer, library.Version),
			"take the library- attributes out of the URI, or name its module with --pkcs11-lib", nil)
	}
	var all []Slot
	for _, slot := range slots {
		if slot.Flags&Initialised != 0 && slot.is(uri) {
			all = append(all, slot)
		}
	}
	if len(all) == 0 {
		return nil, fault(uri, hardware.NoToken, "no such token; "+present(slots), "plug the token in, or look for its name: pkcs11-tool --module MODULE --list-slots", nil)
	}
	return all, nil
}

// present lists the tokens that are there.
func present(slots []Slot) string {
	var names []string
	for _, slot := range slots {
		if slot.Flags&Initialised != 0 {
			names = append(names, strconv.Quote(slot.Token))
		}
	}
	if len(names) == 0 {
		return "the module sees no token"
	}
	return "the module sees " + strings.Join(names, ", ")
}

// same says whether an attribute of the URI is absent or has this value.
func same(uri pkcs11uri.URI, name, value string) bool {
	want, given := uri.Path(name)
	return !given || want == value
}

func isLibrary(l Library, uri pkcs11uri.URI) bool {
	version, given := uri.Path("library-version")
	if given && !strings.Contains(version, ".") {
		version += ".0" // RFC 7512, section 2.3: 1 means 1.0
	}
	return same(uri, "library-manufacturer", l.Manufacturer) && same(uri, "library-description", l.Description) &&
		(!given || version == l.Version)
}

func (s Slot) is(uri pkcs11uri.URI) bool {
	if id, given := uri.Slot(); given && uint(id) != s.ID {
		return false
	}
	return same(uri, "token", s.Token) && same(uri, "manufacturer", s.Manufacturer) && same(uri, "model", s.Model) &&
		same(uri, "serial", s.Serial) && same(uri, "slot-description", s.Description) && same(uri, "slot-manufacturer", s.SlotManufacturer)
}

// name is what a token is called in errors.
func (s Slot) name() string { return fmt.Sprintf("token %q", s.Token) }

// identity tells this token from others, for the memory of refused PINs.
func (s Slot) identity() string {
	return strings.Join([]string{s.Manufacturer, s.Model, s.Serial, s.Token}, "\x00")
}

func fault(uri pkcs11uri.URI, reason hardware.Reason, says, fix string, err error) *hardware.Error {
	return &hardware.Error{Ref: uri.String(), Says: says, Fix: fix, Reason: reason, Err: err}
}

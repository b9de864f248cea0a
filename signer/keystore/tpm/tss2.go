package tpm

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
)

// label is the PEM label of a key that only its TPM can load.
const label = "TSS2 PRIVATE KEY"

// IsKeyFile says whether a file holds such a key.
func IsKeyFile(data []byte) bool { return bytes.Contains(data, []byte("-----BEGIN "+label+"-----")) }

// loadable is a key that lies outside the TPM, wrapped by a parent within.
type loadable struct {
	emptyAuth       bool
	parent          uint32
	public, private []byte // TPMT_PUBLIC and the inside of TPM2B_PRIVATE
}

// parseKeyFile reads the first such key in a PEM file.
func parseKeyFile(data []byte) (loadable, error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == label {
			return parseLoadable(block.Bytes)
		}
	}
	return loadable{}, errors.New("the PEM block is damaged")
}

// parseLoadable reads TPMKey.
//
// Source: J. Bottomley, "ASN.1 Specification for TPM 2.0 Key Files",
// https://www.hansenpartnership.com/draft-bottomley-tpm2-keys.html
func parseLoadable(der []byte) (loadable, error) {
	var fields []asn1.RawValue
	rest, err := asn1.Unmarshal(der, &fields)
	if err != nil || len(rest) > 0 {
		return loadable{}, errors.New("it is not well-formed")
	}
	if len(fields) == 0 {
		return loadable{}, errors.New("it is empty")
	}
	if err := isLoadable(fields[0]); err != nil {
		return loadable{}, err
	}
	k := loadable{}
	fields = fields[1:]
	for len(fields) > 0 && fields[0].Class == asn1.ClassContextSpecific {
		if err := k.optional(fields[0]); err != nil {
			return loadable{}, err
		}
		fields = fields[1:]
	}
	var parent int64
	var public, private []byte
	if len(fields) != 3 {
		return loadable{}, errors.New("parent, public and private part are not all there")
	}
	for i, to := range []any{&parent, &public, &private} {
		if _, err := asn1.Unmarshal(fields[i].FullBytes, to); err != nil {
			return loadable{}, errors.New("parent, public or private part is of a wrong kind")
		}
	}
	if k.public, err = unsized(public); err == nil {
		k.private, err = unsized(private)
	}
	k.parent = uint32(parent)
	if err == nil && parent != int64(k.parent) && parent != int64(int32(k.parent)) {
		err = errors.New("the parent is no handle")
	}
	return k, err
}

// unsized takes off the length that stands before a TPM2B.
func unsized(data []byte) ([]byte, error) {
	if len(data) < 2 || int(binary.BigEndian.Uint16(data)) != len(data)-2 {
		return nil, errors.New("the length of the public or private part is wrong")
	}
	return data[2:], nil
}

// isLoadable looks at the type: 2.23.133.10.1.3 is a key that can be loaded.
func isLoadable(field asn1.RawValue) error {
	var oid asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(field.FullBytes, &oid); err != nil {
		return errors.New("it does not say what it is")
	}
	switch oid.String() {
	case "2.23.133.10.1.3":
		return nil
	case "2.23.133.10.1.4":
		return errors.New("it is a key to be imported first (tpm2_import), which this program does not do")
	case "2.23.133.10.1.5":
		return errors.New("it is sealed data, not a key")
	}
	return fmt.Errorf("it is of type %s, which is no key", oid)
}

// optional reads a tagged field.
func (k *loadable) optional(field asn1.RawValue) error {
	switch field.Tag {
	case 0: // emptyAuth; some programs write 1 for true, which is not DER
		k.emptyAuth = len(field.Bytes) == 3 && field.Bytes[0] == asn1.TagBoolean && field.Bytes[2] != 0
	case 1, 3:
		return errors.New("it may be used only under a policy, which this program cannot satisfy")
	case 2:
		return errors.New("it has a secret, which only a key to be imported has")
	case 4: // a description, for people
	case 5:
		return errors.New("its parent is an RSA key that is made anew each time; only EC parents are")
	default:
		return fmt.Errorf("it has a field [%d], which is not known", field.Tag)
	}
	return nil
}

package sandbox

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"
)

// crc64NVMe is the polynomial of CRC-64/NVME, reflected.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
const crc64NVMe = 0x9a6c9329ac4bc9b5

// sums are the sums that can come with a body, under their names.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
func sums() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"CRC32": func(b []byte) []byte { return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) },
		"CRC32C": func(b []byte) []byte {
			return binary.BigEndian.AppendUint32(nil, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		},
		"CRC64NVME": func(b []byte) []byte {
			return binary.BigEndian.AppendUint64(nil, crc64.Checksum(b, crc64.MakeTable(crc64NVMe)))
		},
		"SHA1":   func(b []byte) []byte { sum := sha1.Sum(b); return sum[:] },
		"SHA256": func(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] },
	}
}

// isSum says whether a header, in lower case, carries one of the sums.
func isSum(name string) bool {
	name, ok := strings.CutPrefix(name, "x-amz-checksum-")
	return ok && sums()[strings.ToUpper(name)] != nil
}

// checkSums compares the body with the sums that came along.
func (c *call) checkSums() *refusal {
	if want := c.request.Header.Get("Content-Md5"); want != "" {
		if sum := md5.Sum(c.body); base64.StdEncoding.EncodeToString(sum[:]) != want {
			return refuse(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
		}
	}
	for name, sum := range sums() {
		want := c.request.Header.Get("X-Amz-Checksum-" + name)
		if want != "" && base64.StdEncoding.EncodeToString(sum(c.body)) != want {
			return refuse(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", name)
		}
	}
	return nil
}

// kept is the answer to a body that was taken: its tag and the sums it came with.
func (c *call) kept(etag string) plainAnswer {
	out := http.Header{"Etag": {etag}}
	for name := range sums() {
		if sum := c.request.Header.Get("X-Amz-Checksum-" + name); sum != "" {
			out.Set("X-Amz-Checksum-"+name, sum)
		}
	}
	return plainAnswer{header: out}
}

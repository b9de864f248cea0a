package sandbox

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"slices"
)

// upload is an object that comes in parts.
type upload struct {
	ID      string            `json:"id"`
	Key     string            `json:"key"`
	Headers map[string]string `json:"headers,omitempty"`
	Parts   []part            `json:"parts,omitempty"` // by number
}

type part struct {
	Number int    `json:"number"`
	Blob   string `json:"blob"`
	ETag   string `json:"etag"`
	Size   int    `json:"size"`
}

type uploadAnswer struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
	Bucket  string   `xml:"Bucket"`
	Key     string   `xml:"Key"`
	ID      string   `xml:"UploadId"`
}

func beginUpload(c *call) (any, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, no
	}
	u := &upload{ID: c.uuid(), Key: c.labels["key"], Headers: c.headersToKeep()}
	b.Uploads = append(b.Uploads, u)
	return uploadAnswer{Bucket: b.Name, Key: u.Key, ID: u.ID}, nil
}

func (c *call) wantedUpload() (*bucket, *upload, *refusal) {
	b, no := c.wantedBucket()
	if no != nil {
		return nil, nil, no
	}
	id := c.request.URL.Query().Get("uploadId")
	if u := find(b.Uploads, func(u *upload) bool { return u.ID == id && u.Key == c.labels["key"] }); u != nil {
		return b, u, nil
	}
	return nil, nil, refuse(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}

func uploadPart(c *call) (any, *refusal) {
	_, u, no := c.wantedUpload()
	if no != nil {
		return nil, no
	}
	n := number(c.request.URL.Query().Get("partNumber"), 0)
	switch {
	case n < 1 || n > 10000:
		return nil, refuse(http.StatusBadRequest, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
	case c.request.Header.Get("X-Amz-Copy-Source") != "":
		return nil, notHere("s3 UploadPartCopy")
	}
	if no := c.checkSums(); no != nil {
		return nil, no
	}
	blob, no := c.keepBlob(c.body)
	if no != nil {
		return nil, no
	}
	if at := slices.IndexFunc(u.Parts, func(p part) bool { return p.Number == n }); at >= 0 {
		c.gone = append(c.gone, u.Parts[at].Blob)
		u.Parts = slices.Delete(u.Parts, at, at+1)
	}
	p := part{n, blob, etagOf(c.body), len(c.body)}
	u.Parts = append(u.Parts, p)
	slices.SortFunc(u.Parts, func(a, b part) int { return a.Number - b.Number })
	return c.kept(p.ETag), nil
}

type completeInput struct {
	Parts []struct {
		Number int    `xml:"PartNumber"`
		ETag   string `xml:"ETag"`
	} `xml:"Part"`
}

type completeAnswer struct {
	XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
	Location string   `xml:"Location"`
	Bucket   string   `xml:"Bucket"`
	Key      string   `xml:"Key"`
	ETag     string   `xml:"ETag"`
}

// completeUpload joins the parts that the client names. The ETag is that of the
// parts' sums, with their number.
func completeUpload(c *call) (any, *refusal) {
	b, u, no := c.wantedUpload()
	if no != nil {
		return nil, no
	}
	var in completeInput
	if xml.Unmarshal(c.body, &in) != nil || len(in.Parts) == 0 {
		return nil, c.complain(malformed)
	}
	var whole, sums []byte
	for i, want := range in.Parts {
		at := slices.IndexFunc(u.Parts, func(p part) bool { return p.Number == want.Number })
		switch {
		case i > 0 && want.Number <= in.Parts[i-1].Number:
			return nil, refuse(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
		case at < 0 || trimQuotes(u.Parts[at].ETag) != trimQuotes(want.ETag):
			return nil, refuse(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
		case i < len(in.Parts)-1 && u.Parts[at].Size < 5<<20:
			return nil, refuse(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
		}
		data, err := os.ReadFile(c.blobPath(u.Parts[at].Blob))
		if err != nil {
			return nil, c.complain(broken)
		}
		sum := md5.Sum(data)
		whole, sums = append(whole, data...), append(sums, sum[:]...)
	}
	blob, no := c.keepBlob(whole)
	if no != nil {
		return nil, no
	}
	sum := md5.Sum(sums)
	o := &stored{Key: u.Key, Blob: blob, Size: len(whole), ETag: fmt.Sprintf(`"%s-%d"`, hex.EncodeToString(sum[:]), len(in.Parts)), Headers: u.Headers, Modified: c.now}
	c.drop(b, u)
	c.put(b, o)
	return completeAnswer{Location: "http://" + c.request.Host + "/" + b.Name + "/" + u.Key, Bucket: b.Name, Key: u.Key, ETag: o.ETag}, nil
}

func trimQuotes(s string) string {
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// drop ends an upload and forgets its parts.
func (c *call) drop(b *bucket, u *upload) {
	for _, p := range u.Parts {
		c.gone = append(c.gone, p.Blob)
	}
	b.Uploads = without(b.Uploads, u)
}

func abortUpload(c *call) (any, *refusal) {
	b, u, no := c.wantedUpload()
	if no != nil {
		return nil, no
	}
	c.drop(b, u)
	return plainAnswer{}, nil
}

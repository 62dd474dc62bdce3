package sfu

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	tokenLife   = 10 * time.Minute // to connect; LiveKit sends who is connected new ones
	serviceLife = time.Minute
	clockSkew   = time.Minute
)

var errToken = errors.New("the token is not valid here")

// grant is what a token of LiveKit allows.
type grant struct {
	Room                 string `json:"room,omitempty"`
	RoomJoin             bool   `json:"roomJoin,omitempty"`
	RoomCreate           bool   `json:"roomCreate,omitempty"`
	RoomAdmin            bool   `json:"roomAdmin,omitempty"`
	CanPublish           *bool  `json:"canPublish,omitempty"`
	CanSubscribe         *bool  `json:"canSubscribe,omitempty"`
	CanPublishData       *bool  `json:"canPublishData,omitempty"`
	CanUpdateOwnMetadata *bool  `json:"canUpdateOwnMetadata,omitempty"`
}

// claims are those of a token of LiveKit.
type claims struct {
	jwt.RegisteredClaims

	Video grant `json:"video"`
}

// token returns a token. Its not-before is a little earlier, for a server whose clock is behind.
func (s *SFU) token(g grant, identity string, life time.Duration) string {
	now := s.c.Clock()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: s.c.Key, Subject: identity, NotBefore: jwt.NewNumericDate(now.Add(-clockSkew)),
			ExpiresAt: jwt.NewNumericDate(now.Add(life)),
		},
		Video: g,
	}).SignedString([]byte(s.c.Secret))
	if err != nil { // only an unknown method or a type of key that does not fit
		panic(err)
	}
	return token
}

// check returns the participant that a token of this server is for.
func (s *SFU) check(token string) (member, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(s.c.Secret), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(s.c.Key), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(s.c.Clock))
	if err != nil {
		return member{}, fmt.Errorf("%w: %w", errToken, err)
	}
	number, err := strconv.ParseUint(c.Subject, 10, 32)
	if err != nil || c.Video.Room == "" || !c.Video.RoomJoin {
		return member{}, errToken
	}
	return member{c.Video.Room, uint32(number)}, nil
}

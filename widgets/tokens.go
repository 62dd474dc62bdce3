package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Colours of the design, which only themes of [NewTheme] have.
const (
	ColorWindow            fyne.ThemeColorName = "parleyWindow"
	ColorPane              fyne.ThemeColorName = "parleyPane"     // the chat list
	ColorChatPane          fyne.ThemeColorName = "parleyChatPane" // header and composer of a chat, cards
	ColorChatBackground    fyne.ThemeColorName = "parleyChatBackground"
	ColorText              fyne.ThemeColorName = "parleyText"
	ColorSecondary         fyne.ThemeColorName = "parleySecondary"
	ColorHairline          fyne.ThemeColorName = "parleyHairline"
	ColorRowHover          fyne.ThemeColorName = "parleyRowHover"
	ColorRowSelected       fyne.ThemeColorName = "parleyRowSelected"
	ColorAccent            fyne.ThemeColorName = draw.ColorAccent
	ColorOnAccent          fyne.ThemeColorName = "parleyOnAccent"
	ColorBubblePeer        fyne.ThemeColorName = "parleyBubblePeer"
	ColorBubblePeerLine    fyne.ThemeColorName = "parleyBubblePeerLine"
	ColorBubblePeerText    fyne.ThemeColorName = "parleyBubblePeerText"
	ColorBubblePeerMeta    fyne.ThemeColorName = "parleyBubblePeerMeta"
	ColorBubbleOwn         fyne.ThemeColorName = "parleyBubbleOwn"
	ColorBubbleOwnLine     fyne.ThemeColorName = "parleyBubbleOwnLine"
	ColorBubbleOwnText     fyne.ThemeColorName = "parleyBubbleOwnText"
	ColorBubbleOwnMeta     fyne.ThemeColorName = "parleyBubbleOwnMeta"
	ColorReadTick          fyne.ThemeColorName = "parleyReadTick"
	ColorLink              fyne.ThemeColorName = "parleyLink"
	ColorLinkOwn           fyne.ThemeColorName = "parleyLinkOwn"
	ColorSelectedText      fyne.ThemeColorName = "parleySelectedText"
	ColorSelectedTextOwn   fyne.ThemeColorName = "parleySelectedTextOwn"
	ColorBadge             fyne.ThemeColorName = "parleyBadge"
	ColorBadgeMuted        fyne.ThemeColorName = "parleyBadgeMuted"
	ColorBadgeText         fyne.ThemeColorName = "parleyBadgeText"
	ColorError             fyne.ThemeColorName = "parleyError"
	ColorOK                fyne.ThemeColorName = "parleyOK"
	ColorAmber             fyne.ThemeColorName = "parleyAmber"
	ColorBannerAmber       fyne.ThemeColorName = "parleyBannerAmber"
	ColorBannerAmberText   fyne.ThemeColorName = "parleyBannerAmberText"
	ColorBannerRed         fyne.ThemeColorName = "parleyBannerRed"
	ColorBannerRedText     fyne.ThemeColorName = "parleyBannerRedText"
	ColorBannerNeutral     fyne.ThemeColorName = "parleyBannerNeutral"
	ColorBannerNeutralText fyne.ThemeColorName = "parleyBannerNeutralText"
	ColorBannerGreen       fyne.ThemeColorName = "parleyBannerGreen"
	ColorBannerGreenText   fyne.ThemeColorName = "parleyBannerGreenText"
	ColorCallAnswer        fyne.ThemeColorName = "parleyCallAnswer" // the button that answers a call
	ColorCallEnd           fyne.ThemeColorName = "parleyCallEnd"    // the one that ends it
	ColorCallInk           fyne.ThemeColorName = "parleyCallInk"    // the icon on both
	ColorCallOn            fyne.ThemeColorName = "parleyCallOn"     // a button that has switched something
	ColorCallOnInk         fyne.ThemeColorName = "parleyCallOnInk"
	ColorCallVideo         fyne.ThemeColorName = "parleyCallVideo" // around the video of a call
	ColorCallDim           fyne.ThemeColorName = "parleyCallDim"   // bars that are missing, on it
	ColorPill              fyne.ThemeColorName = "parleyPill"
	ColorPillText          fyne.ThemeColorName = "parleyPillText"
	ColorField             fyne.ThemeColorName = "parleyField"
	ColorFieldLine         fyne.ThemeColorName = "parleyFieldLine"
	ColorToast                                 = draw.ColorToast
	ColorToastText                             = draw.ColorToastText
	ColorToastAction       fyne.ThemeColorName = "parleyToastAction"
	ColorIconHover         fyne.ThemeColorName = "parleyIconHover"
	ColorScrollThumb       fyne.ThemeColorName = draw.ColorScrollThumb
	ColorShadow            fyne.ThemeColorName = "parleyShadow"
	ColorFaint             fyne.ThemeColorName = "parleyFaint" // disabled
	ColorButton            fyne.ThemeColorName = "parleyButton"
	ColorButtonHover       fyne.ThemeColorName = "parleyButtonHover"
	ColorAccentHover       fyne.ThemeColorName = "parleyAccentHover"
	ColorFound             fyne.ThemeColorName = "parleyFound" // below the matches of a search
	ColorFlash             fyne.ThemeColorName = "parleyFlash" // behind a highlighted message
	ColorQuote             fyne.ThemeColorName = "parleyQuote"
	ColorQuoteOwn          fyne.ThemeColorName = "parleyQuoteOwn"
	ColorBars              fyne.ThemeColorName = "parleyBars" // of a sound, not yet played
	ColorBarsOwn           fyne.ThemeColorName = "parleyBarsOwn"
	ColorReaction          fyne.ThemeColorName = "parleyReaction"
	ColorReactionLine      fyne.ThemeColorName = "parleyReactionLine"
	ColorShade             fyne.ThemeColorName = "parleyShade" // below words on a picture
	ColorShadeText         fyne.ThemeColorName = "parleyShadeText"
	ColorViewer            fyne.ThemeColorName = "parleyViewer" // around a picture that fills the window
)

// Sizes of the design.
const (
	RadiusBubble = float32(14) // of a message
	RadiusJoined = float32(6)  // of a corner next to a message of the same group
	RadiusCard   = float32(12)
	RadiusField  = float32(8)
	RadiusRow    = float32(8)
	RadiusBadge  = float32(10)

	TextBody    = draw.TextBody
	TextName    = float32(14)
	TextHeader  = float32(15)
	TextTitle   = float32(17)
	TextPreview = float32(13)
	TextSmall   = float32(12)
	TextMeta    = float32(11.5)
	TextEmoji   = float32(32)
)

// captionFont is the font of details of a file or picture.
func captionFont() text.Font { return text.Font{Size: TextSmall} }

// captionTitleFont is the font of its name.
func captionTitleFont() text.Font { return text.Font{Size: TextPreview, Bold: true} }

// pair is a colour in the light and in the dark theme.
type pair struct{ light, dark color.NRGBA }

// tokens returns the colours of the design. It is a function, so that no one can change them.
func tokens() map[fyne.ThemeColorName]pair {
	return map[fyne.ThemeColorName]pair{
		ColorWindow:            {rgb(0xF4F6F9), rgb(0x11151B)},
		ColorPane:              {rgb(0xFFFFFF), rgb(0x151A21)},
		ColorChatPane:          {rgb(0xFFFFFF), rgb(0x171C24)},
		ColorChatBackground:    {rgb(0xE9EEF4), rgb(0x0E1217)},
		ColorText:              {rgb(0x14181F), rgb(0xE8ECF2)},
		ColorSecondary:         {rgb(0x55606E), rgb(0x9BA6B5)},
		ColorHairline:          {rgb(0xE1E5EB), rgb(0x2A323D)},
		ColorRowHover:          {rgb(0xF0F3F7), rgb(0x1D242E)},
		ColorRowSelected:       {rgb(0xE3EDFF), rgb(0x22324D)},
		ColorAccent:            {rgb(0x1F5FD0), rgb(0x7FB0FF)},
		ColorOnAccent:          {rgb(0xFFFFFF), rgb(0x0B1524)},
		ColorBubblePeer:        {rgb(0xFFFFFF), rgb(0x232B36)},
		ColorBubblePeerLine:    {rgb(0xDCE2EA), rgb(0x232B36)},
		ColorBubblePeerText:    {rgb(0x14181F), rgb(0xE8ECF2)},
		ColorBubblePeerMeta:    {rgb(0x55606E), rgb(0x9BA6B5)},
		ColorBubbleOwn:         {rgb(0xCFE1FF), rgb(0x234A86)},
		ColorBubbleOwnLine:     {rgb(0xA9C4EE), rgb(0x234A86)},
		ColorBubbleOwnText:     {rgb(0x10192A), rgb(0xF3F7FD)},
		ColorBubbleOwnMeta:     {rgb(0x42536F), rgb(0xBFD0EA)},
		ColorReadTick:          {rgb(0x1557C7), rgb(0x8FD3FF)},
		ColorLink:              {rgb(0x1F5FD0), rgb(0x7FB0FF)},
		ColorLinkOwn:           {rgb(0x114BB0), rgb(0xB5D2FF)},
		ColorSelectedText:      {rgb(0xB9D4FF), rgb(0x3A5788)},
		ColorSelectedTextOwn:   {rgb(0x9CC0FA), rgb(0x386AB6)},
		ColorBadge:             {rgb(0x1F5FD0), rgb(0x2F69D2)},
		ColorBadgeMuted:        {rgb(0x667182), rgb(0x5D6878)},
		ColorBadgeText:         {rgb(0xFFFFFF), rgb(0xFFFFFF)},
		ColorError:             {rgb(0xB3261E), rgb(0xFF8A80)},
		ColorOK:                {rgb(0x1B7A3D), rgb(0x6FD08C)},
		ColorAmber:             {rgb(0x9A5B00), rgb(0xFFC861)},
		ColorBannerAmber:       {rgb(0xFFF1CC), rgb(0x4A3A0C)},
		ColorBannerAmberText:   {rgb(0x5B4300), rgb(0xFFE5A3)},
		ColorBannerRed:         {rgb(0xFDE3E1), rgb(0x55201C)},
		ColorBannerRedText:     {rgb(0x8C1D17), rgb(0xFFD3CE)},
		ColorBannerNeutral:     {rgb(0xE3EDFF), rgb(0x22324D)},
		ColorBannerNeutralText: {rgb(0x14181F), rgb(0xE8ECF2)},
		ColorBannerGreen:       {rgb(0xD9F2E0), rgb(0x153D26)},
		ColorBannerGreenText:   {rgb(0x0F5127), rgb(0xBFF0CF)},
		ColorCallAnswer:        {rgb(0x1B7A3D), rgb(0x24874A)},
		ColorCallEnd:           {rgb(0xC62F27), rgb(0xD2453D)},
		ColorCallInk:           {rgb(0xFFFFFF), rgb(0xFFFFFF)},
		ColorCallOn:            {rgb(0x3D4857), rgb(0xE8ECF2)},
		ColorCallOnInk:         {rgb(0xFFFFFF), rgb(0x14181F)},
		ColorCallVideo:         {rgb(0x0B1018), rgb(0x05080C)},
		ColorCallDim:           {alpha(0xFFFFFF, 0x60), alpha(0xFFFFFF, 0x60)},
		ColorPill:              {rgb(0xD7DFE9), rgb(0x1D242E)},
		ColorPillText:          {rgb(0x3D4857), rgb(0xB6C0CE)},
		ColorField:             {rgb(0xF4F6F9), rgb(0x1D242E)},
		ColorFieldLine:         {rgb(0xD5DBE4), rgb(0x333D4A)},
		ColorToast:             {rgb(0x262D37), rgb(0xE8ECF2)},
		ColorToastText:         {rgb(0xFFFFFF), rgb(0x14181F)},
		ColorToastAction:       {rgb(0x9CC3FF), rgb(0x1A52B5)},
		ColorIconHover:         {alpha(0x14181F, 0x12), alpha(0xE8ECF2, 0x16)},
		ColorScrollThumb:       {alpha(0x14181F, 0x55), alpha(0xE8ECF2, 0x55)},
		ColorShadow:            {alpha(0x14181F, 0x24), alpha(0x000000, 0x70)},
		ColorFaint:             {rgb(0x98A2B0), rgb(0x667182)},
		ColorButton:            {rgb(0xE6EBF2), rgb(0x2A323D)},
		ColorButtonHover:       {rgb(0xDCE3EC), rgb(0x343E4B)},
		ColorAccentHover:       {rgb(0x1A52B4), rgb(0x98C0FF)},
		ColorFound:             {rgb(0xFFE9A8), rgb(0x4A3800)},
		ColorFlash:             {alpha(0x1F5FD0, 0x26), alpha(0x7FB0FF, 0x50)},
		ColorQuote:             {rgb(0xEEF3FB), rgb(0x2C3643)},
		ColorQuoteOwn:          {rgb(0xBDD5FC), rgb(0x1C3E73)},
		ColorBars:              {rgb(0xAFC0DA), rgb(0x566579)},
		ColorBarsOwn:           {rgb(0x8FB0E4), rgb(0x5C82BF)},
		ColorReaction:          {rgb(0xFFFFFF), rgb(0x232B36)},
		ColorReactionLine:      {rgb(0xD5DBE4), rgb(0x333D4A)},
		ColorShade:             {alpha(0x0B1018, 0xA6), alpha(0x0B1018, 0xB4)},
		ColorShadeText:         {rgb(0xFFFFFF), rgb(0xF3F7FD)},
		ColorViewer:            {alpha(0x0B1018, 0xF0), alpha(0x05080C, 0xF4)},
	}
}

func rgb(v uint32) color.NRGBA { return alpha(v, 0xFF) }

func alpha(v uint32, a uint8) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16 & 0xFF), G: uint8(v >> 8 & 0xFF), B: uint8(v & 0xFF), A: a}
}

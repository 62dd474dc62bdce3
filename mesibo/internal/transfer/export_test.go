package transfer

// Quick is how long a part may take for the next one to be larger.
const Quick = quick

function Read-Reply($Native, $Reply) {
    # A reply as an object, once its text is read (see Read-ReplyText).
    ConvertFrom-Reply (Read-ReplyText $Native $Reply)
}

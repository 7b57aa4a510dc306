/// The headings settings are listed under in the help.
public enum SettingGroup: String, Sendable, CaseIterable {
    case addresses = "Addresses"
    case health = "Health checks"
    case timeouts = "Timeouts"
    case limits = "Limits"
    case logging = "Logging"
    case administration = "Administration"
}

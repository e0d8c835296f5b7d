/*
 * config.h -- IS_ENABLED(CONFIG_X): 1 when the switch is y, 0 when it is n.
 *
 * Both branches of `if (IS_ENABLED(CONFIG_X))` are compiled in every configuration, and one is
 * thrown away. So a switch cannot rot, and no .c file needs a conditional of the preprocessor.
 */
#ifndef FACET_CONFIG_H
#define FACET_CONFIG_H

#define FACET_SECOND(ignored, value, ...) value
#define FACET_COMMA_1 0,
#define FACET_IS_ENABLED_2(...) FACET_SECOND(__VA_ARGS__ 1, 0, 0)
#define FACET_IS_ENABLED_1(value) FACET_IS_ENABLED_2(FACET_COMMA_##value)
#define IS_ENABLED(option) FACET_IS_ENABLED_1(option)

#endif

/** Wording that tells an agent from a customer, whatever the business. Weights are in points; three make a clear turn. */
export interface Cue {
  readonly role: 'agent' | 'customer';
  readonly points: number;
  readonly phrases: readonly string[];
}

export const SPEAKER_CUES: readonly Cue[] = [
  {
    role: 'agent',
    points: 4,
    phrases: [
      'welcome to',
      'here to (help|assist)',
      '(is there|was there) anything',
      '(may|can|could) i (ask|confirm|verify|start)',
      '(i|we) (will|ll|also|just)( also| just)? need (to|your)',
      '(have|enjoy) .. (day|evening|weekend|night|afternoon)',
      '(thank you|thanks) for (calling|contacting|reaching out|choosing|holding|your (time|patience|call))',
      '(how|what) (can|may|could) i (help|assist|do)',
      '(may|can|could) i (please )?(have|get|know|ask|take) (for )?your',
      '(can|could|would) you (please |kindly |also )*(provide|confirm|verify|spell|give me)',
      'anything (else|specific) (i|we|you|that)',
      "i (can|will|would|'d) .. (assist|help) you",
      'for (verification|security) purposes',
      '(our records|your account (is|has)|pulled up|our (policy|team|system))',
      'sorry (to hear|for the) ..',
      "(i'm|i am) sorry ..",
      '欢迎(致电|光临|来电)',
      '(工号|话务员|客服|专员)..(为您|服务|请讲|请问)',
      '为您(服务|查询|办理|解答|登记)',
      '(请问|有什么|还有)..(帮您|帮到您|协助您|需要您|可以帮)',
      '请您(提供|稍等|报|核对|说|留)',
      '(帮|给|为|跟|向)您',
      '感谢您的(来电|耐心|等待|支持|理解|配合|接听|咨询)',
      '祝您',
      '(您|先生|女士|小姐)..贵姓|您贵姓',
      '我们(这边|会|将)',
    ],
  },
  {
    role: 'agent',
    points: 2,
    phrases: [
      '您',
      'nice to meet you',
      '(great|perfect|certainly|absolutely|of course)',
      "you're (very )?welcome",
      '请讲',
      '按(照)?规定',
    ],
  },
  {
    role: 'customer',
    points: 4,
    phrases: [
      '(my name is|this is|it is|its) .. (calling|i have|i need|i want)',
      '(sure|yes|yeah|okay|certainly) (its|it is|my|the|thats|i am|im)',
      "(i'm|i am|i was) (calling|just calling|looking|having|trying|wondering)",
      '(i have|i had) (a|an|some) (question|problem|issue|complaint)',
      '(its|it is|they are|those are) <n>',
      '(my|the) (account|policy|card|order|phone|email|zip|id|student id|invoice) (number )?(is|has)',
      "(no|nope) (that's|that is|that will be|that should be) (all|it|everything)",
      "(that's|that is) all",
      '(thank you|thanks) for your (help|assistance)',
      'i want (to|a|my)',
      "i (can't|cannot|never|didn't) ..",
      '你们(怎么|这|是|能|到底|不|公司|自己|给|那)',
      '我(要|想)(投诉|问|查|反映|反应|退|改|办|咨询|报)',
      '我(的|那张|那个|这个|家|们(楼|小区|家|公司))',
      '(怎么|为什么)(回事|还|会|又|没)',
      '多久能|什么时候能',
      '没有了|没了',
    ],
  },
  {
    role: 'customer',
    points: 2,
    phrases: ['(frustrated|upset|unhappy|annoyed|worried)', '对(对|啊|的)', '你', '谢谢(你|啊|了)'],
  },
];
